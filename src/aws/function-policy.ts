import type { Models } from "../config/models.ts";
import { keysIn } from "../config/secrets.ts";
import { builtinPart } from "../config/source.ts";
import type { Gateway } from "../config.ts";
import { usageError } from "../errors.ts";
import { bedrockAccess } from "./bedrock-arns.ts";
import type { Identity } from "./kind.ts";
import type { PolicyDocument, Statement } from "./resources/policy-document.ts";

/** Non-white-space characters of all inline policies of a role together [aws 3.2]; ours is the only one we write. */
const INLINE_POLICY_LIMIT = 10_240;
/** As long as they get: who we are is not known before the first call. */
const ANYBODY: Identity = { account: "0".repeat(12), partition: "aws-us-gov" };
/** What ConverseStream needs, which is all that the function calls [gateway 1]. */
const INVOKE = "bedrock:InvokeModelWithResponseStream";

/**
 * What the function's role allows and forbids besides the attached policy: exactly the configured models, parameters and
 * secrets, and no log group of its own making, which would outlive destroy [aws 3.8, 4.11].
 */
export function functionPolicy(gateway: Gateway, identity: Identity): PolicyDocument {
  return {
    Version: "2012-10-17",
    Statement: [
      { Effect: "Deny", Action: "logs:CreateLogGroup", Resource: "*" },
      ...invokeStatements(gateway, identity),
      ...secretStatements(gateway, identity),
    ],
  };
}

/** Refuses a configuration whose policy IAM would refuse, before anything is called. */
export function checkPolicySize(gateway: Gateway): void {
  const { length } = JSON.stringify(functionPolicy(gateway, ANYBODY));
  if (length <= INLINE_POLICY_LIMIT) return;
  throw usageError(
    `the policy of the function's role would have up to ${length} characters; IAM allows ${INLINE_POLICY_LIMIT}`,
    "It names every model on Bedrock and every secret: configure fewer of them.",
  );
}

function modelsOf({ function: { source } }: Gateway): Models {
  return builtinPart(source)?.models ?? {};
}

function invokeStatements(gateway: Gateway, identity: Identity): Statement[] {
  const { region } = gateway;
  const models = Object.values(modelsOf(gateway)).flat();
  const ids = models.flatMap((model) => (model.backend === "bedrock" ? [model.model] : []));
  const { called, profiles, behind } = bedrockAccess(ids, { region, ...identity });
  const throughProfiles = { StringEquals: { "bedrock:InferenceProfileArn": profiles } };
  return [
    ...allow(INVOKE, called),
    ...allow(INVOKE, behind).map((statement) => ({ ...statement, Condition: throughProfiles })),
  ];
}

function secretStatements(gateway: Gateway, { partition, account }: Identity): Statement[] {
  const keys = keysIn(modelsOf(gateway));
  const namesIn = (source: string) =>
    [...new Set(keys.flatMap(({ key }) => (key.source === source ? [key.name] : [])))].sort();
  const arn = (service: string, rest: string) => `arn:${partition}:${service}:${gateway.region}:${account}:${rest}`;
  return [
    // A slash at the beginning of a parameter's name is the one that the ARN has anyway.
    ...allow(
      "ssm:GetParameter",
      namesIn("ssm").map((name) => arn("ssm", `parameter/${name.replace(/^\//, "")}`)),
    ),
    // Secrets Manager adds a hyphen and six characters to the name, which are not known before the secret exists.
    ...allow(
      "secretsmanager:GetSecretValue",
      namesIn("secretsmanager").map((name) =>
        name.startsWith("arn:") ? name : arn("secretsmanager", `secret:${name}-??????`),
      ),
    ),
  ];
}

function allow(Action: string | readonly string[], Resource: readonly string[]): Statement[] {
  return Resource.length === 0 ? [] : [{ Effect: "Allow", Action, Resource }];
}
