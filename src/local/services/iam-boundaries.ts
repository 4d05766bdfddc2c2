import * as z from "zod";
import { checkManagedPolicy } from "./iam-managed-policies.ts";
import { findRole, noSuchEntity, operation, policyArn, roleName } from "./iam-model.ts";

/** A boundary is stored and shown; nothing here evaluates permissions. */
export const boundaryOperations = {
  PutRolePermissionsBoundary: operation(
    z.strictObject({ RoleName: roleName, PermissionsBoundary: policyArn }),
    (account, input) => {
      const role = findRole(account, input.RoleName);
      checkManagedPolicy(input.PermissionsBoundary);
      role.permissionsBoundary = input.PermissionsBoundary;
    },
  ),

  DeleteRolePermissionsBoundary: operation(z.strictObject({ RoleName: roleName }), (account, input) => {
    const role = findRole(account, input.RoleName);
    // Unconfirmed: AWS may let it pass.
    if (role.permissionsBoundary === undefined) {
      throw noSuchEntity(`The role with name ${role.name} has no permissions boundary.`);
    }
    role.permissionsBoundary = undefined;
  }),
};
