import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";

/** Ids of AWS's own inference profiles begin with their geography. */
const PROFILE = /^(us|us-gov|eu|apac|jp|au|ca|global)\./;
/** A provider and its model. Which of them exist, only AWS knows. */
const MODEL = /^[a-z0-9-]+\.[a-z0-9.:-]+$/;

/**
 * The geographies of the Regions whose names begin so. Regions of other areas are sources of their neighbours' profiles too,
 * like ca-central-1 of `us.`: which of them, only AWS knows.
 */
const GEOGRAPHIES = new Map([
  ["us", ["us"]],
  ["eu", ["eu"]],
  ["ap", ["apac", "jp", "au"]],
]);

/**
 * Refuses with ValidationException what no model can have as its id, what is in another Region, and an inference profile of
 * another geography: AWS has none of that id there [as users report: opensearch-project/agent-health#298].
 */
export function checkModel({ region }: Account, modelId: string): void {
  const isHere = modelId.startsWith("arn:") ? modelId.split(":", 4)[3] === region : MODEL.test(modelId);
  const geography = PROFILE.exec(modelId.replace(/^arn:.*:inference-profile\//, ""))?.[1];
  if (isHere && (geography === undefined || isSource(region, geography))) return;
  throw new AwsError("ValidationException", 400, "The provided model identifier is invalid.");
}

function isSource(region: string, geography: string): boolean {
  const own = GEOGRAPHIES.get(region.slice(0, 2));
  return own === undefined || geography === "global" || own.includes(geography);
}

/**
 * The ARNs that a role has to be allowed to call a model: its own; of an inference profile, its foundation model's too. AWS
 * asks for the latter in every Region that the profile leads to, of which the Region of the call is one.
 */
export function resourcesOf({ region, accountId }: Account, modelId: string): readonly string[] {
  const arn = arnOf(region, accountId, modelId);
  const model = /:inference-profile\/[a-z-]+\.(.+)$/.exec(arn)?.[1];
  return model === undefined ? [arn] : [arn, `arn:aws:bedrock:${region}::foundation-model/${model}`];
}

function arnOf(region: string, accountId: string, modelId: string): string {
  if (modelId.startsWith("arn:")) return modelId;
  const resource = PROFILE.test(modelId) ? `${accountId}:inference-profile` : ":foundation-model";
  return `arn:aws:bedrock:${region}:${resource}/${modelId}`;
}
