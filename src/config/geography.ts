// AWS's own inference profiles, which can be called from the Regions of their geography alone.
import { type GatewayError, usageError } from "../errors.ts";
import type { Models } from "./models.ts";

/**
 * The geographies whose profiles exist in Regions that begin so, the most general first; `global.` is everywhere. Regions of
 * other areas are sources of their neighbours' profiles, like ca-central-1 of `us.`: which of them, only AWS knows
 * [Bedrock user guide: inference-profiles-support].
 */
const GEOGRAPHIES: readonly (readonly [region: string, geographies: readonly string[]])[] = [
  ["us-gov-", ["us-gov"]],
  ["us-", ["us"]],
  ["eu-", ["eu"]],
  ["ap-", ["apac", "jp", "au"]],
];
/** What the ids of these profiles begin with, and a dot. */
export const PROFILE_GEOGRAPHIES = ["us", "us-gov", "eu", "apac", "jp", "au", "ca"];
/** Of a profile's id, or of its ARN's end. Another beginning is a provider's, or a geography that is not known here. */
const PROFILE = new RegExp(`^(?:arn:.*:inference-profile/)?((${PROFILE_GEOGRAPHIES.join("|")})\\.(\\S+))$`);

/** @throws GatewayError for a profile of AWS that does not exist in the Region: every call would fail */
export function checkGeographies(models: Models, region: string): void {
  for (const [alias, candidates] of Object.entries(models)) {
    for (const candidate of candidates) {
      const error = candidate.backend === "bedrock" ? elsewhere(candidate.model, region) : undefined;
      if (error !== undefined) throw usageError(`models.${alias}: ${error.message}`, error.hint);
    }
  }
}

function elsewhere(model: string, region: string): Pick<GatewayError, "message" | "hint"> | undefined {
  const [, profile, geography = "", foundation] = PROFILE.exec(model) ?? [];
  const own = GEOGRAPHIES.find(([beginning]) => region.startsWith(beginning))?.[1];
  if (profile === undefined || own === undefined || own.includes(geography)) return undefined;
  return {
    message: `${profile} cannot be called from ${region}`,
    hint: `Did you mean ${own[0]}.${foundation}? If not, give a --region of the geography "${geography}".`,
  };
}
