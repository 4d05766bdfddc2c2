import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { LogGroup } from "../store/logs.ts";
import { findLogGroup, findLogGroupByArn, invalidParameter, logGroupName, operation } from "./logs-model.ts";

const TAGS_PER_GROUP = 50;

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const tagKey = z.string().min(1).max(128).regex(tagText);
export const tags = z.record(tagKey, z.string().max(256).regex(tagText));

const resourceArn = z
  .string()
  .min(1)
  .max(1011)
  .regex(/^[\w+=/:,.@-]*$/);

/** The operations on ARNs, and those on names that AWS deprecated for them. */
export const tagOperations = {
  TagResource: operation(z.strictObject({ resourceArn, tags }), (account, input) => {
    addTags(findLogGroupByArn(account, input.resourceArn), input.tags);
  }),

  UntagResource: operation(z.strictObject({ resourceArn, tagKeys: z.array(tagKey).max(50) }), (account, input) => {
    removeTags(findLogGroupByArn(account, input.resourceArn), input.tagKeys);
  }),

  ListTagsForResource: operation(z.strictObject({ resourceArn }), (account, input) => ({
    tags: Object.fromEntries(findLogGroupByArn(account, input.resourceArn).tags),
  })),

  TagLogGroup: operation(z.strictObject({ logGroupName, tags }), (account, input) => {
    addTags(findLogGroup(account, input.logGroupName), input.tags);
  }),

  UntagLogGroup: operation(z.strictObject({ logGroupName, tags: z.array(tagKey).min(1) }), (account, input) => {
    removeTags(findLogGroup(account, input.logGroupName), input.tags);
  }),

  ListTagsLogGroup: operation(z.strictObject({ logGroupName }), (account, input) => ({
    tags: Object.fromEntries(findLogGroup(account, input.logGroupName).tags),
  })),
};

/** The tags with more of them. The texts are unconfirmed. */
export function mergedTags(
  old: ReadonlyMap<string, string>,
  more: Readonly<Record<string, string>>,
): Map<string, string> {
  const merged = new Map(old);
  for (const [key, value] of Object.entries(more)) {
    if (key.toLowerCase().startsWith("aws:")) throw invalidParameter("aws: prefixed tag key names are not allowed");
    merged.set(key, value);
  }
  if (merged.size > TAGS_PER_GROUP) {
    throw new AwsError("TooManyTagsException", 400, `A log group has at most ${TAGS_PER_GROUP} tags`);
  }
  return merged;
}

function addTags(group: LogGroup, more: Readonly<Record<string, string>>): void {
  for (const [key, value] of mergedTags(group.tags, more)) group.tags.set(key, value);
}

function removeTags(group: LogGroup, keys: readonly string[]): void {
  for (const key of keys) group.tags.delete(key);
}
