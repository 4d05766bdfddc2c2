import * as z from "zod";
import { page } from "../wire/pages.ts";
import { checkManagedPolicy, policyNameOf, policyPathOf } from "./iam-managed-policies.ts";
import {
  findRole,
  invalidMarker,
  limitExceeded,
  noSuchEntity,
  operation,
  paging,
  policyArn,
  roleName,
} from "./iam-model.ts";

/** Managed policies one role takes [aws 3.2]. */
const POLICIES_PER_ROLE = 10;

export const attachmentOperations = {
  AttachRolePolicy: operation(z.strictObject({ RoleName: roleName, PolicyArn: policyArn }), (account, input) => {
    const role = findRole(account, input.RoleName);
    checkManagedPolicy(input.PolicyArn);
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
      const matching = [...role.attached].filter((arn) => policyPathOf(arn).startsWith(input.PathPrefix));
      const { items, next } = page(matching, (arn) => arn, {
        token: input.Marker,
        size: Math.min(input.MaxItems ?? 100, account.timing.pageSize),
        invalid: invalidMarker,
      });
      return {
        AttachedPolicies: items.map((arn) => ({ PolicyName: policyNameOf(arn), PolicyArn: arn })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  ),
};
