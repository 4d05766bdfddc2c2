import { AttachRolePolicyCommand, DetachRolePolicyCommand } from "@aws-sdk/client-iam";
import { unlessMissing } from "../failures.ts";
import type { Kind } from "../kind.ts";
import { attachedPolicies } from "./role.ts";

interface Attachment {
  readonly roleName: string;
  readonly policyArn: string;
}

/** A managed policy on a role: it is there or not, and belongs to whom the role belongs. */
export const policyAttachment: Kind<Attachment, Attachment, Attachment> = {
  type: "iam.role-policy-attachment",

  async read(ctx, key) {
    const attached = await attachedPolicies(ctx, key.roleName);
    return attached.includes(key.policyArn) ? { live: key, owned: true } : undefined;
  },

  diff: () => [],

  async apply(ctx, want) {
    await ctx.aws.iam.send(new AttachRolePolicyCommand({ RoleName: want.roleName, PolicyArn: want.policyArn }));
    return want;
  },

  async remove(ctx, { roleName, policyArn }) {
    await unlessMissing(ctx.aws.iam.send(new DetachRolePolicyCommand({ RoleName: roleName, PolicyArn: policyArn })));
  },

  remember: (live) => live,
};
