import { randomBytes } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import { percentEncode } from "../rfc3986.ts";
import type { Account } from "../store/account.ts";
import type { Role } from "../store/iam.ts";
import { page } from "../wire/pages.ts";
import { textInteger } from "../wire/validation.ts";
import { checkTrustPolicy, policyLength } from "./iam-documents.ts";
import { checkManagedPolicy } from "./iam-managed-policies.ts";
import {
  findRole,
  invalidMarker,
  limitExceeded,
  operation,
  paging,
  policyArn,
  policyDocument,
  roleName,
} from "./iam-model.ts";
import { mergedRoleTags, tagList, tagsOut } from "./iam-role-tags.ts";

const path = z
  .string()
  .min(1)
  .max(512)
  .regex(/^(\/|\/[!-~]*\/)$/);

const description = z
  .string()
  .max(1000)
  .regex(/^[\t\n\r\u0020-\u007E\u00A1-\u00FF]*$/);

const sessionDuration = textInteger(3600, 43_200);

/** Non-white-space characters of a trust policy [aws 3.2]. */
const TRUST_POLICY_QUOTA = 2048;

export const roleOperations = {
  CreateRole: operation(
    z.strictObject({
      RoleName: roleName,
      AssumeRolePolicyDocument: policyDocument,
      Path: path.default("/"),
      Description: description.optional(),
      MaxSessionDuration: sessionDuration.default(3600),
      PermissionsBoundary: policyArn.optional(),
      Tags: tagList.default([]),
    }),
    (account, input) => {
      if (account.roles.has(input.RoleName.toLowerCase())) {
        throw new AwsError("EntityAlreadyExists", 409, `Role with name ${input.RoleName} already exists.`);
      }
      checkTrust(input.AssumeRolePolicyDocument);
      if (input.PermissionsBoundary !== undefined) checkManagedPolicy(input.PermissionsBoundary);
      const now = new Date();
      const role: Role = {
        name: input.RoleName,
        path: input.Path,
        roleId: `AROA${randomBytes(16).toString("hex").toUpperCase().slice(0, 17)}`,
        arn: `arn:aws:iam::${account.accountId}:role${input.Path}${input.RoleName}`,
        createdAt: now,
        trustPolicy: input.AssumeRolePolicyDocument,
        assumableAt: now.getTime() + account.timing.rolePropagationMs,
        description: input.Description,
        maxSessionDuration: input.MaxSessionDuration,
        permissionsBoundary: input.PermissionsBoundary,
        tags: mergedRoleTags(new Map(), input.Tags),
        attached: new Set(),
        inline: new Map(),
      };
      account.roles.set(role.name.toLowerCase(), role);
      return { Role: roleOut(role) };
    },
  ),

  GetRole: operation(z.strictObject({ RoleName: roleName }), (account, input) => ({
    Role: roleOut(findRole(account, input.RoleName)),
  })),

  ListRoles: operation(z.strictObject({ PathPrefix: z.string().default("/"), ...paging }), (account, input) => {
    const matching = [...account.roles.values()].filter((role) => role.path.startsWith(input.PathPrefix));
    const { items, next } = page(matching, (role) => role.name, {
      token: input.Marker,
      size: Math.min(input.MaxItems ?? 100, account.timing.pageSize),
      invalid: invalidMarker,
    });
    // [aws 3.4] a listing leaves the tags and the boundary out.
    return { Roles: items.map((role) => listedRoleOut(role)), IsTruncated: next !== undefined, Marker: next };
  }),

  UpdateRole: operation(
    z.strictObject({
      RoleName: roleName,
      Description: description.optional(),
      MaxSessionDuration: sessionDuration.optional(),
    }),
    (account, input) => {
      const role = findRole(account, input.RoleName);
      role.description = input.Description ?? role.description;
      role.maxSessionDuration = input.MaxSessionDuration ?? role.maxSessionDuration;
      return {};
    },
  ),

  /** The older form of UpdateRole. */
  UpdateRoleDescription: operation(
    z.strictObject({ RoleName: roleName, Description: description }),
    (account, input) => {
      const role = findRole(account, input.RoleName);
      role.description = input.Description;
      return { Role: roleOut(role) };
    },
  ),

  UpdateAssumeRolePolicy: operation(
    z.strictObject({ RoleName: roleName, PolicyDocument: policyDocument }),
    (account, input) => {
      const role = findRole(account, input.RoleName);
      checkTrust(input.PolicyDocument);
      role.trustPolicy = input.PolicyDocument;
      role.assumableAt = Date.now() + account.timing.rolePropagationMs;
    },
  ),

  /** The local account has no instances, so no role is in a profile. */
  ListInstanceProfilesForRole: operation(z.strictObject({ RoleName: roleName, ...paging }), (account, input) => {
    findRole(account, input.RoleName);
    return { InstanceProfiles: [], IsTruncated: false };
  }),

  DeleteRole: operation(z.strictObject({ RoleName: roleName }), (account, input) => {
    const role = findRole(account, input.RoleName);
    if (role.attached.size > 0) throw deleteConflict("must detach all policies first");
    if (role.inline.size > 0) throw deleteConflict("must delete policies first");
    account.roles.delete(role.name.toLowerCase());
  }),
};

/** The role an ARN names, when it is one of this account. */
export function roleOfArn(account: Account, arn: string): Role | undefined {
  const role = account.roles.get(arn.slice(arn.lastIndexOf("/") + 1).toLowerCase());
  return role?.arn === arn ? role : undefined;
}

function checkTrust(document: string): void {
  checkTrustPolicy(document);
  if (policyLength(document) > TRUST_POLICY_QUOTA) {
    throw limitExceeded(`Cannot exceed quota for ACLSizePerRole: ${TRUST_POLICY_QUOTA}`);
  }
}

function deleteConflict(what: string): AwsError {
  return new AwsError("DeleteConflict", 409, `Cannot delete entity, ${what}.`);
}

function roleOut(role: Role) {
  const arn = role.permissionsBoundary;
  return {
    ...listedRoleOut(role),
    PermissionsBoundary:
      arn === undefined ? undefined : { PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: arn },
    Tags: role.tags.size > 0 ? tagsOut(role.tags) : undefined,
  };
}

function listedRoleOut(role: Role) {
  return {
    Path: role.path,
    RoleName: role.name,
    RoleId: role.roleId,
    Arn: role.arn,
    CreateDate: role.createdAt,
    AssumeRolePolicyDocument: percentEncode(role.trustPolicy),
    Description: role.description,
    MaxSessionDuration: role.maxSessionDuration,
  };
}
