import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  DescribeLogGroupsCommand,
  ListTagsForResourceCommand,
  type LogGroup,
  PutRetentionPolicyCommand,
  TagResourceCommand,
  UntagResourceCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { diffProperties, touches } from "./changes.ts";
import { isFunctionOwned } from "./function-read.ts";
import { diffTags, isOwned, type Tags, tagDelta, writable } from "./tags.ts";

interface LogGroupProps {
  readonly logGroupName: string;
  /** Computed: a read by name does not tell it, and reading the tags at the same time needs it. */
  readonly arn: string;
  /** undefined: logs are kept for ever. */
  readonly retentionDays: number | undefined;
  readonly tags: Tags;
}

interface LogGroupKey {
  readonly logGroupName: string;
  readonly arn: string;
  /** Whose function logs into it; undefined when none does. */
  readonly functionName: string | undefined;
}

export const logGroup: Kind<LogGroupProps, LogGroupProps, LogGroupKey> = {
  type: "logs.log-group",

  async read(ctx, { logGroupName, arn, functionName }) {
    const readTags = () => unlessMissing(ctx.aws.logs.send(new ListTagsForResourceCommand({ resourceArn: arn })));
    const [found, answer] = await Promise.all([find(ctx, logGroupName), readTags()]);
    if (found === undefined) return undefined;
    // Another run may have made it between the two: a group that has just come is not one without tags.
    const tags = writable((answer ?? (await readTags()))?.tags);
    const live = { logGroupName, arn, retentionDays: found.retentionInDays, tags };
    // Lambda makes the group again, without tags, when a function logs after somebody deleted it [aws 4.11].
    const owned = isOwned(ctx, tags) || (functionName !== undefined && (await isFunctionOwned(ctx, functionName)));
    return { live, owned };
  },

  diff: (want, live) => [
    ...diffProperties({ retentionDays: want.retentionDays }, live),
    ...diffTags(want.tags, live.tags),
  ],

  async apply(ctx, want, live, changes) {
    const { logs } = ctx.aws;
    const { logGroupName, retentionDays: retentionInDays } = want;
    if (live === undefined) await logs.send(new CreateLogGroupCommand({ logGroupName, tags: { ...want.tags } }));
    if (live === undefined || touches(changes, "retentionDays")) {
      if (retentionInDays !== undefined) {
        await logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays }));
      } else if (live !== undefined) {
        await logs.send(new DeleteRetentionPolicyCommand({ logGroupName }));
      }
    }
    const { set, removed } = tagDelta(want.tags, live?.tags ?? want.tags);
    if (set) await logs.send(new TagResourceCommand({ resourceArn: want.arn, tags: { ...set } }));
    if (removed) await logs.send(new UntagResourceCommand({ resourceArn: want.arn, tagKeys: removed }));
    return want;
  },

  async remove(ctx, { logGroupName }) {
    await unlessMissing(ctx.aws.logs.send(new DeleteLogGroupCommand({ logGroupName })));
  },

  remember: ({ logGroupName, arn }) => ({ logGroupName, arn }),
};

/** There is no read by name: the prefix may match other groups, and they come in pages [aws 10]. */
async function find(ctx: Ctx, logGroupName: string): Promise<LogGroup | undefined> {
  let nextToken: string | undefined;
  do {
    const page = await ctx.aws.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName, nextToken }));
    const found = page.logGroups?.find((group) => group.logGroupName === logGroupName);
    if (found !== undefined) return found;
    nextToken = page.nextToken;
  } while (nextToken !== undefined);
  return undefined;
}
