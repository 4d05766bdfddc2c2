import { PROFILE_GEOGRAPHIES } from "../config/geography.ts";
import type { Identity } from "./kind.ts";

/** What a role has to be allowed to call models on Bedrock: ARNs, sorted, each once. */
export interface BedrockAccess {
  /** What is called: models and inference profiles. */
  readonly called: readonly string[];
  /** The profiles among them. */
  readonly profiles: readonly string[];
  /** The foundation models that the profiles lead to. */
  readonly behind: readonly string[];
}

/** Ids of AWS's own inference profiles begin with their geography. */
const PROFILE = new RegExp(`^(${PROFILE_GEOGRAPHIES.join("|")}|global)\\.`);

/**
 * A policy that names an inference profile has to name the foundation model in every Region of the profile too, and can
 * allow it for calls through the profile alone [Bedrock user guide, inference-profiles-prereq]. Which Regions a profile
 * has is AWS's to change, so they stay open; so does the model of an application inference profile, which only Bedrock
 * knows.
 * @param models ids or ARNs of models and inference profiles
 */
export function bedrockAccess(models: readonly string[], place: Identity & { readonly region: string }): BedrockAccess {
  const { partition, region, account } = place;
  const called = models.map((model) => {
    if (model.startsWith("arn:")) return model;
    const isProfile = PROFILE.test(model);
    return `arn:${partition}:bedrock:${region}:${isProfile ? `${account}:inference-profile` : ":foundation-model"}/${model}`;
  });
  const profiles = called.filter((arn) => modelBehind(arn) !== undefined);
  const behind = profiles.map((arn) => `arn:${partition}:bedrock:*::foundation-model/${modelBehind(arn)}`);
  return { called: unique(called), profiles: unique(profiles), behind: unique(behind) };
}

/** The foundation model that a profile leads to, `*` where only Bedrock knows; undefined for what is no profile. */
function modelBehind(arn: string): string | undefined {
  if (arn.includes(":application-inference-profile/")) return "*";
  return /:inference-profile\/[a-z-]+\.(.+)$/.exec(arn)?.[1];
}

function unique(arns: readonly string[]): string[] {
  return [...new Set(arns)].sort();
}
