import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import { page } from "../wire/pages.ts";
import { mergeTags } from "../wire/validation.ts";
import { findRole, invalidMarker, limitExceeded, memberList, operation, paging, roleName } from "./iam-model.ts";

const tagText = /^[\p{L}\p{Z}\p{N}_.:/=+\-@]*$/u;
const tagKey = z.string().min(1).max(128).regex(tagText);
const tag = z.strictObject({ Key: tagKey, Value: z.string().max(256).regex(tagText) });

export const tagList = memberList(tag);

export const roleTagOperations = {
  TagRole: operation(z.strictObject({ RoleName: roleName, Tags: tagList }), (account, input) => {
    const role = findRole(account, input.RoleName);
    const merged = mergedRoleTags(role.tags, input.Tags);
    for (const [key, value] of merged) role.tags.set(key, value);
  }),

  UntagRole: operation(z.strictObject({ RoleName: roleName, TagKeys: memberList(tagKey) }), (account, input) => {
    const role = findRole(account, input.RoleName);
    for (const key of input.TagKeys) role.tags.delete(key);
  }),

  ListRoleTags: operation(z.strictObject({ RoleName: roleName, ...paging }), (account, input) => {
    const role = findRole(account, input.RoleName);
    const { items, next } = page(role.tags, ([key]) => key, {
      token: input.Marker,
      size: Math.min(input.MaxItems ?? 100, account.timing.pageSize),
      invalid: invalidMarker,
    });
    return { Tags: tagsOut(items), IsTruncated: next !== undefined, Marker: next };
  }),
};

/** The tags with more of them; refused when one is AWS's own, comes twice, or there would be more than 50. */
export function mergedRoleTags(
  tags: ReadonlyMap<string, string>,
  more: readonly z.output<typeof tag>[],
): Map<string, string> {
  if (new Set(more.map((one) => one.Key)).size < more.length) {
    throw new AwsError(
      "InvalidInput",
      400,
      "Duplicate tag keys found. Please note that Tag keys are case insensitive.",
    );
  }
  if (more.some((one) => one.Key.startsWith("aws:"))) {
    throw new AwsError("InvalidInput", 400, "Tag keys starting with 'aws:' are reserved for system use.");
  }
  const merged = mergeTags(
    tags,
    more.map((one) => [one.Key, one.Value]),
  );
  if (merged === undefined) throw limitExceeded("The number of tags has reached the maximum limit.");
  return merged;
}

/** Tags in IAM's own shape, a list. */
export function tagsOut(tags: Iterable<readonly [string, string]>) {
  return [...tags].map(([Key, Value]) => ({ Key, Value }));
}
