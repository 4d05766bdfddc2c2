import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account, LogGroup } from "../store.ts";
import { page } from "../wire/pages.ts";
import { mergeTags, tagMap } from "../wire/validation.ts";
import {
  createLogGroup,
  findLogGroup,
  invalidParameter,
  logGroupName,
  logGroupNotFound,
  operation,
} from "./logs-model.ts";

/** The days Logs keeps events for; nothing in between [aws 10]. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const GROUPS_PER_PAGE = 50;

const resourceArn = z.string().min(1);

export const groupOperations = {
  CreateLogGroup: operation(z.strictObject({ logGroupName, tags: tagMap.default({}) }), (account, input) => {
    if (account.logGroups.has(input.logGroupName)) {
      throw new AwsError("ResourceAlreadyExistsException", 400, "The specified log group already exists");
    }
    createLogGroup(account, input.logGroupName, merged(new Map(), input.tags));
  }),

  DescribeLogGroups: operation(
    z.strictObject({
      logGroupNamePrefix: logGroupName.optional(),
      logGroupNamePattern: logGroupName.optional(),
      nextToken: z.string().min(1).optional(),
      limit: z.number().int().min(1).max(GROUPS_PER_PAGE).default(GROUPS_PER_PAGE),
    }),
    (account, input) => {
      const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern } = input;
      if (prefix !== undefined && pattern !== undefined) {
        throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
      }
      const matching = [...account.logGroups.values()].filter(
        (group) => group.name.startsWith(prefix ?? "") && group.name.includes(pattern ?? ""),
      );
      const { items, next } = page(matching, (group) => group.name, {
        token: input.nextToken,
        size: input.limit,
        invalid: () => invalidParameter("The specified nextToken is invalid."),
      });
      return { logGroups: items.map(groupOut), nextToken: next };
    },
  ),

  DeleteLogGroup: operation(z.strictObject({ logGroupName }), (account, input) => {
    account.logGroups.delete(findLogGroup(account, input.logGroupName).name);
  }),

  PutRetentionPolicy: operation(
    z.strictObject({ logGroupName, retentionInDays: z.literal(RETENTION_DAYS) }),
    (account, input) => {
      findLogGroup(account, input.logGroupName).retentionInDays = input.retentionInDays;
    },
  ),

  DeleteRetentionPolicy: operation(z.strictObject({ logGroupName }), (account, input) => {
    findLogGroup(account, input.logGroupName).retentionInDays = undefined;
  }),

  TagResource: operation(z.strictObject({ resourceArn, tags: tagMap }), (account, input) => {
    const { tags } = groupOfArn(account, input.resourceArn);
    for (const [key, value] of merged(tags, input.tags)) tags.set(key, value);
  }),

  UntagResource: operation(z.strictObject({ resourceArn, tagKeys: z.array(z.string()) }), (account, input) => {
    const { tags } = groupOfArn(account, input.resourceArn);
    for (const key of input.tagKeys) tags.delete(key);
  }),

  ListTagsForResource: operation(z.strictObject({ resourceArn }), (account, input) => ({
    tags: Object.fromEntries(groupOfArn(account, input.resourceArn).tags),
  })),
};

/** Tagging takes the ARN without the `:*` that DescribeLogGroups' `arn` ends in [aws 6]. */
function groupOfArn(account: Account, arn: string): LogGroup {
  const group = account.logGroups.get(arn.split(":")[6] ?? "");
  if (group?.arn !== arn) throw logGroupNotFound();
  return group;
}

function merged(tags: ReadonlyMap<string, string>, more: Readonly<Record<string, string>>): Map<string, string> {
  const all = mergeTags(tags, Object.entries(more));
  if (all === undefined)
    throw invalidParameter("A log group takes at most 50 tags, and none with a key that starts with aws:");
  return all;
}

function groupOut(group: LogGroup) {
  return {
    logGroupName: group.name,
    creationTime: group.createdAt.getTime(),
    retentionInDays: group.retentionInDays,
    metricFilterCount: 0,
    arn: `${group.arn}:*`,
    logGroupArn: group.arn,
    logGroupClass: "STANDARD",
    storedBytes: 0,
  };
}
