import type { Gateway } from "../config.ts";
import type { Identity } from "./kind.ts";
import type { PolicyDocument } from "./resources/policy-document.ts";

/** Ids of inference profiles begin with their geography: `us.`, `eu.`, `apac.`, `global.`. */
const PROFILE = /^(us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/;

/**
 * What the function's role allows and forbids besides the attached policy: exactly the configured models on Bedrock, and
 * no log group of its own making, which would outlive destroy [aws 3.8, 4.11].
 */
export function functionPolicy(gateway: Gateway, identity: Identity): PolicyDocument {
  const models = modelArns(gateway, identity);
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Deny", Action: "logs:CreateLogGroup", Resource: "*" },
      ...(models.length === 0 ? [] : [{ Effect: "Allow", Action: "bedrock:InvokeModel", Resource: models } as const]),
    ],
  };
}

/**
 * The models that Converse has to be allowed for. A policy that names an inference profile has to name its foundation
 * model in every Region of the profile too [Bedrock user guide, inference-profiles-prereq].
 */
function modelArns({ function: { source }, region }: Gateway, { account, partition }: Identity): string[] {
  if (source.kind !== "builtin") return [];
  const arns = Object.values(source.models).flatMap((model) => {
    if (model.backend !== "bedrock") return [];
    if (model.model.startsWith("arn:")) return [model.model];
    const foundation = PROFILE.exec(model.model)?.[2];
    if (foundation === undefined) return [`arn:${partition}:bedrock:${region}::foundation-model/${model.model}`];
    return [
      `arn:${partition}:bedrock:${region}:${account}:inference-profile/${model.model}`,
      `arn:${partition}:bedrock:*::foundation-model/${foundation}`,
    ];
  });
  return [...new Set(arns)].sort();
}
