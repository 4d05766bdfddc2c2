import * as z from "zod";
import { percentEncode } from "../rfc3986.ts";
import type { Role } from "../store/iam.ts";
import { page } from "../wire/pages.ts";
import { checkIdentityPolicy, policyLength } from "./iam-documents.ts";
import {
  findRole,
  invalidMarker,
  limitExceeded,
  noSuchEntity,
  operation,
  paging,
  policyDocument,
  policyName,
  roleName,
} from "./iam-model.ts";

/** Non-white-space characters of all inline policies of a role together [aws 3.2]. */
const INLINE_QUOTA = 10_240;

export const inlinePolicyOperations = {
  PutRolePolicy: operation(
    z.strictObject({ RoleName: roleName, PolicyName: policyName, PolicyDocument: policyDocument }),
    (account, input) => {
      const role = findRole(account, input.RoleName);
      checkIdentityPolicy(input.PolicyDocument);
      const others = [...role.inline].filter(([name]) => name !== input.PolicyName).map(([, document]) => document);
      const total = [...others, input.PolicyDocument].reduce((sum, document) => sum + policyLength(document), 0);
      if (total > INLINE_QUOTA) {
        throw limitExceeded(`Maximum policy size of ${INLINE_QUOTA} bytes exceeded for role ${role.name}`);
      }
      role.inline.set(input.PolicyName, input.PolicyDocument);
    },
  ),

  GetRolePolicy: operation(z.strictObject({ RoleName: roleName, PolicyName: policyName }), (account, input) => {
    const role = findRole(account, input.RoleName);
    return {
      RoleName: role.name,
      PolicyName: input.PolicyName,
      PolicyDocument: percentEncode(findDocument(role, input.PolicyName)),
    };
  }),

  DeleteRolePolicy: operation(z.strictObject({ RoleName: roleName, PolicyName: policyName }), (account, input) => {
    const role = findRole(account, input.RoleName);
    findDocument(role, input.PolicyName);
    role.inline.delete(input.PolicyName);
  }),

  ListRolePolicies: operation(z.strictObject({ RoleName: roleName, ...paging }), (account, input) => {
    const { items, next } = page(findRole(account, input.RoleName).inline.keys(), (name) => name, {
      token: input.Marker,
      size: Math.min(input.MaxItems ?? 100, account.timing.pageSize),
      invalid: invalidMarker,
    });
    return { PolicyNames: items, IsTruncated: next !== undefined, Marker: next };
  }),
};

function findDocument(role: Role, name: string): string {
  const document = role.inline.get(name);
  if (document === undefined) throw noSuchEntity(`The role policy with name ${name} cannot be found.`);
  return document;
}
