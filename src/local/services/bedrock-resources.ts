import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";

/** Ids of AWS's own inference profiles begin with their geography. */
const PROFILE = /^(us|us-gov|eu|apac|jp|au|ca|global)\./;
/** A provider and its model. Which of them exist, only AWS knows. */
const MODEL = /^[a-z0-9-]+\.[a-z0-9.:-]+$/;

/** Refuses what no model can have as its id, and what is in another Region, with ValidationException. */
export function checkModel({ region }: Account, modelId: string): void {
  const isValid = modelId.startsWith("arn:") ? modelId.split(":", 4)[3] === region : MODEL.test(modelId);
  if (!isValid) throw new AwsError("ValidationException", 400, "The provided model identifier is invalid.");
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
