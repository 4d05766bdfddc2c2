import type { Gateway } from "../config.ts";
import type { Identity } from "./kind.ts";
import type { PolicyDocument } from "./resources/policy-document.ts";

/** Ids of inference profiles begin with their geography: `us.`, `eu.`, `apac.`, `global.`. */
const PROFILE = /^(us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/;

/**
 * What the function's role has to allow for exactly the configured models; undefined when none is on Bedrock.
 * Converse is allowed by bedrock:InvokeModel, and a policy that names an inference profile has to name its foundation
 * model in every Region of the profile too [Bedrock user guide, inference-profiles-prereq].
 */
export function modelPolicy({ function: { source }, region }: Gateway, identity: Identity): PolicyDocument | undefined {
  if (source.kind !== "builtin") return undefined;
  const { account, partition } = identity;
  const resources = Object.values(source.models).flatMap((model) => {
    if (model.backend !== "bedrock") return [];
    if (model.model.startsWith("arn:")) return [model.model];
    const foundation = PROFILE.exec(model.model)?.[2];
    if (foundation === undefined) return [`arn:${partition}:bedrock:${region}::foundation-model/${model.model}`];
    return [
      `arn:${partition}:bedrock:${region}:${account}:inference-profile/${model.model}`,
      `arn:${partition}:bedrock:*::foundation-model/${foundation}`,
    ];
  });
  if (resources.length === 0) return undefined;
  return {
    Version: "2012-10-17",
    Statement: [{ Effect: "Allow", Action: "bedrock:InvokeModel", Resource: [...new Set(resources)].sort() }],
  };
}
