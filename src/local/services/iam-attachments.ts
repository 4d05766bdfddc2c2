import * as z from "zod";
import { page } from "../wire/pages.ts";
import { findRole, invalidMarker, limitExceeded, noSuchEntity, operation, paging, roleName } from "./iam-model.ts";

/** AWS's own managed policies that the local account knows; every other ARN does not exist. */
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

/** Managed policies one role takes [aws 3.2]. */
const POLICIES_PER_ROLE = 10;

const policyArn = z.string().min(20).max(2048);

export const attachmentOperations = {
  AttachRolePolicy: operation(z.strictObject({ RoleName: roleName, PolicyArn: policyArn }), (account, input) => {
    const role = findRole(account, input.RoleName);
    if (!MANAGED_POLICIES.has(input.PolicyArn)) {
      throw noSuchEntity(`Policy ${input.PolicyArn} does not exist or is not attachable.`);
    }
    if (!role.attached.has(input.PolicyArn) && role.attached.size >= POLICIES_PER_ROLE) {
      throw limitExceeded(`Cannot exceed quota for PoliciesPerRole: ${POLICIES_PER_ROLE}`);
    }
    role.attached.add(input.PolicyArn);
  }),

  DetachRolePolicy: operation(z.strictObject({ RoleName: roleName, PolicyArn: policyArn }), (account, input) => {
    const role = findRole(account, input.RoleName);
    if (!role.attached.delete(input.PolicyArn)) throw noSuchEntity(`Policy ${input.PolicyArn} was not found.`);
  }),

  ListAttachedRolePolicies: operation(
    z.strictObject({ RoleName: roleName, PathPrefix: z.string().default("/"), ...paging }),
    (account, input) => {
      const role = findRole(account, input.RoleName);
      const matching = [...role.attached].filter((arn) => pathOf(arn).startsWith(input.PathPrefix));
      const { items, next } = page(matching, (arn) => arn, {
        token: input.Marker,
        size: input.MaxItems ?? 100,
        invalid: invalidMarker,
      });
      return {
        AttachedPolicies: items.map((arn) => ({ PolicyName: arn.slice(arn.lastIndexOf("/") + 1), PolicyArn: arn })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  ),
};

function pathOf(arn: string): string {
  return arn.slice(arn.indexOf("/"), arn.lastIndexOf("/") + 1);
}
