import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { Role } from "../store/iam.ts";
import { noSuchEntity, operation, policyArn } from "./iam-model.ts";

/**
 * AWS's own managed policies that the local account knows, each with what it allows, for all resources, in the services that
 * ask for a role's permission here: Bedrock, Logs, Secrets Manager and Systems Manager [IAMDS].
 */
const MANAGED_POLICIES: ReadonlyMap<string, readonly string[]> = new Map(
  Object.entries({
    "service-role/AWSLambdaBasicExecutionRole": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
    "service-role/AWSLambdaVPCAccessExecutionRole": [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ],
    AWSXRayDaemonWriteAccess: [],
    AmazonBedrockFullAccess: ["bedrock:*"],
    AmazonDynamoDBReadOnlyAccess: [],
    AmazonS3ReadOnlyAccess: [],
    AmazonSNSFullAccess: [],
    AmazonSQSFullAccess: [],
    AmazonSSMReadOnlyAccess: ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
    CloudWatchLogsFullAccess: ["logs:*"],
    // It reads the values of parameters, but not of secrets, and calls no model.
    ReadOnlyAccess: ["ssm:Describe*", "ssm:Get*", "ssm:List*"],
    SecretsManagerReadWrite: ["secretsmanager:*"],
  }).map(([name, actions]) => [`arn:aws:iam::aws:policy/${name}`, actions]),
);

export const managedPolicyOperations = {
  /** What is known of a policy without its text: no id, version or dates. */
  GetPolicy: operation(z.strictObject({ PolicyArn: policyArn }), (account, input) => {
    const { PolicyArn: arn } = input;
    // The text is unconfirmed.
    if (!MANAGED_POLICIES.has(arn)) throw noSuchEntity(`Policy ${arn} was not found.`);
    const roles = [...account.roles.values()];
    return {
      Policy: {
        PolicyName: policyNameOf(arn),
        Arn: arn,
        Path: policyPathOf(arn),
        AttachmentCount: roles.filter((role) => role.attached.has(arn)).length,
        PermissionsBoundaryUsageCount: roles.filter((role) => role.permissionsBoundary === arn).length,
        IsAttachable: true,
      },
    };
  }),
};

/** Refuses a policy that does not exist, with NoSuchEntity. AWS has a thousand more than are known here: 501 for those. */
export function checkManagedPolicy(arn: string): void {
  if (MANAGED_POLICIES.has(arn)) return;
  if (arn.startsWith("arn:aws:iam::aws:policy/")) throw notImplemented(`the managed policy ${arn}`);
  throw noSuchEntity(`Policy ${arn} does not exist or is not attachable.`);
}

export function policyNameOf(arn: string): string {
  return arn.slice(arn.lastIndexOf("/") + 1);
}

export function policyPathOf(arn: string): string {
  return arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
}

/** The documents of a role's policies, managed and inline. */
export function documentsOf({ attached, inline }: Role): readonly string[] {
  const managed = [...attached]
    .map((arn) => MANAGED_POLICIES.get(arn) ?? [])
    .filter((actions) => actions.length > 0)
    .map((actions) => JSON.stringify({ Statement: { Effect: "Allow", Action: actions, Resource: "*" } }));
  return [...managed, ...inline.values()];
}
