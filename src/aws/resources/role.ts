import {
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  PutRolePolicyCommand,
  type Role,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import { isError, unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { backoff, until } from "../retry.ts";
import { touches } from "./changes.ts";
import { decodePolicy, isSamePolicy, type PolicyDocument } from "./policy-document.ts";
import { diffTags, fromList, isOwned, type Tags, tagDelta, toList } from "./tags.ts";

/** The one inline policy we write. */
const POLICY_NAME = "llm-gw";
/** Detaches are eventually consistent [aws 3.7]. */
const DELETE_LIMIT_MS = 120_000;
const ARN_LIMIT_MS = 60_000;

interface RoleProps {
  readonly roleName: string;
  readonly description: string;
  readonly trust: PolicyDocument;
  /** What the function itself may and may not do, besides what is attached. */
  readonly policy: PolicyDocument;
  readonly tags: Tags;
}

interface RoleLive {
  readonly roleName: string;
  readonly arn: string;
  readonly description: string;
  readonly trust: unknown;
  readonly policy: unknown;
  readonly tags: Tags;
  readonly attached: readonly string[];
  readonly createdAt: Date | undefined;
}

export const role: Kind<RoleProps, RoleLive, { readonly roleName: string }> = {
  type: "iam.role",

  async read(ctx, { roleName }) {
    const input = { RoleName: roleName };
    const [found, policy, attached] = await Promise.all([
      unlessMissing(ctx.aws.iam.send(new GetRoleCommand(input))),
      unlessMissing(ctx.aws.iam.send(new GetRolePolicyCommand({ ...input, PolicyName: POLICY_NAME }))),
      attachedPolicies(ctx, roleName),
    ]);
    if (found?.Role === undefined) return undefined;
    const live = fromAws(await withArn(ctx, roleName, found.Role), decodePolicy(policy?.PolicyDocument), attached);
    return { live, owned: isOwned(ctx, live.tags) };
  },

  diff: (want, live) => [
    ...(isSamePolicy(want.trust, live.trust) ? [] : [{ path: "trust", from: live.trust, to: want.trust }]),
    ...(want.description === live.description
      ? []
      : [{ path: "description", from: live.description, to: want.description }]),
    ...(isSamePolicy(want.policy, live.policy) ? [] : [{ path: "policy", from: live.policy, to: want.policy }]),
    ...diffTags(want.tags, live.tags),
  ],

  async apply(ctx, want, live, changes) {
    const { iam } = ctx.aws;
    const RoleName = want.roleName;
    if (live === undefined) {
      const created = await iam.send(
        new CreateRoleCommand({
          RoleName,
          Description: want.description,
          AssumeRolePolicyDocument: JSON.stringify(want.trust),
          Tags: toList(want.tags),
        }),
      );
      await putPolicy(ctx, RoleName, want.policy);
      return fromAws(await withArn(ctx, RoleName, created.Role ?? {}), want.policy, []);
    }
    if (touches(changes, "trust")) {
      const PolicyDocument = JSON.stringify(want.trust);
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    }
    if (touches(changes, "description")) {
      await iam.send(new UpdateRoleCommand({ RoleName, Description: want.description }));
    }
    if (touches(changes, "policy")) await putPolicy(ctx, RoleName, want.policy);
    const { set, removed } = tagDelta(want.tags, live.tags);
    if (set) await iam.send(new TagRoleCommand({ RoleName, Tags: toList(set) }));
    if (removed) await iam.send(new UntagRoleCommand({ RoleName, TagKeys: removed }));
    return { ...live, ...want };
  },

  async remove(ctx, live) {
    const RoleName = live.roleName;
    // What the last read saw usually is all there is; only when IAM refuses is everything listed.
    await empty(ctx, RoleName, live.attached, live.policy === undefined ? [] : [POLICY_NAME]);
    const wait = {
      clock: ctx.clock,
      signal: ctx.signal,
      waiting: ctx.waiting,
      what: `IAM to see that role ${RoleName} is empty`,
      limitMs: DELETE_LIMIT_MS,
      pauseMs: backoff(500, 5_000),
    };
    await until(wait, async () => {
      try {
        await unlessMissing(ctx.aws.iam.send(new DeleteRoleCommand({ RoleName })));
        return { done: undefined };
      } catch (error) {
        if (!isError(error, ["DeleteConflictException", "ConcurrentModificationException"])) throw error;
        // Somebody else's doing, and no wait ends it.
        if (/instance profile/i.test(error.message)) throw error;
        const inline = await unlessMissing(ctx.aws.iam.send(new ListRolePoliciesCommand({ RoleName })));
        const attached = await listAttached(ctx, RoleName);
        await empty(ctx, RoleName, attached, inline?.PolicyNames ?? []);
        return { notYet: error.message };
      }
    });
  },

  remember: ({ roleName, arn }) => ({ roleName, arn }),
};

/** ARNs of the managed policies attached to a role, read once a round; none when the role does not exist. */
export function attachedPolicies(ctx: Ctx, roleName: string): Promise<readonly string[]> {
  return ctx.once(`iam:ListAttachedRolePolicies:${roleName}`, () => listAttached(ctx, roleName));
}

async function listAttached(ctx: Ctx, RoleName: string): Promise<string[]> {
  const arns: string[] = [];
  let Marker: string | undefined;
  do {
    const page = await unlessMissing(ctx.aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName, Marker })));
    for (const { PolicyArn } of page?.AttachedPolicies ?? []) if (PolicyArn !== undefined) arns.push(PolicyArn);
    Marker = page?.IsTruncated ? page.Marker : undefined;
  } while (Marker !== undefined);
  return arns;
}

/** Right after its creation, a role may have its unique id where its ARN will be [aws 3.4]. */
async function withArn(ctx: Ctx, RoleName: string, found: Partial<Role>): Promise<Partial<Role>> {
  if (found.Arn?.startsWith("arn:")) return found;
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: `IAM to show the ARN of role ${RoleName}`,
    limitMs: ARN_LIMIT_MS,
    pauseMs: backoff(500, 5_000),
  };
  return until(wait, async () => {
    const shown = await unlessMissing(ctx.aws.iam.send(new GetRoleCommand({ RoleName })));
    return shown?.Role?.Arn?.startsWith("arn:") ? { done: shown.Role } : { notYet: shown?.Role?.Arn ?? "not found" };
  });
}

/** The inline policy goes last: until nothing allows it, ours denies the function a log group of its own making [aws 4.11]. */
async function empty(
  ctx: Ctx,
  RoleName: string,
  attached: readonly string[],
  inline: readonly string[],
): Promise<void> {
  await Promise.all(
    attached.map((PolicyArn) => unlessMissing(ctx.aws.iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })))),
  );
  await Promise.all(inline.map((name) => deleteInline(ctx, RoleName, name)));
}

async function deleteInline(ctx: Ctx, RoleName: string, PolicyName: string): Promise<void> {
  await unlessMissing(ctx.aws.iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName })));
}

async function putPolicy(ctx: Ctx, RoleName: string, policy: PolicyDocument): Promise<void> {
  const PolicyDocument = JSON.stringify(policy);
  await ctx.aws.iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: POLICY_NAME, PolicyDocument }));
}

function fromAws(found: Partial<Role>, policy: unknown, attached: readonly string[]): RoleLive {
  return {
    roleName: found.RoleName ?? "",
    arn: found.Arn ?? "",
    description: found.Description ?? "",
    trust: decodePolicy(found.AssumeRolePolicyDocument),
    policy,
    tags: fromList(found.Tags),
    attached,
    createdAt: found.CreateDate,
  };
}
