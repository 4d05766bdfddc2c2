import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import { noSuchEntity, operation, policyArn } from "./iam-model.ts";

/** AWS's own managed policies that the local account knows. */
const MANAGED_POLICIES: ReadonlySet<string> = new Set(
  [
    "service-role/AWSLambdaBasicExecutionRole",
    "service-role/AWSLambdaVPCAccessExecutionRole",
    "AWSXRayDaemonWriteAccess",
    "AmazonBedrockFullAccess",
    "AmazonDynamoDBReadOnlyAccess",
    "AmazonS3ReadOnlyAccess",
    "AmazonSNSFullAccess",
    "AmazonSQSFullAccess",
    "AmazonSSMReadOnlyAccess",
    "CloudWatchLogsFullAccess",
    "ReadOnlyAccess",
    "SecretsManagerReadWrite",
  ].map((name) => `arn:aws:iam::aws:policy/${name}`),
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
