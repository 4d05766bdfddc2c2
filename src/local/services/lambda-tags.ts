import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { LambdaFunction } from "../store/lambda.ts";
import { mergeTags, tagMap, textList } from "../wire/validation.ts";
import { findFunction, invalidParameter, operation } from "./lambda-model.ts";

const Resource = z.string().regex(/^arn:aws[a-zA-Z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]+$/);

export const tagOperations = {
  TagResource: operation(z.strictObject({ Resource, Tags: tagMap }), (account, input) => {
    if (Object.keys(input.Tags).length === 0)
      throw invalidParameter("An error occurred and the request cannot be processed.");
    const fn = taggedFunction(account, input.Resource);
    for (const [key, value] of mergedFunctionTags(fn.tags, input.Tags)) fn.tags.set(key, value);
  }),

  UntagResource: operation(z.strictObject({ Resource, tagKeys: textList }), (account, input) => {
    const fn = taggedFunction(account, input.Resource);
    for (const key of input.tagKeys) fn.tags.delete(key);
  }),

  ListTags: operation(z.strictObject({ Resource }), (account, input) => ({
    Tags: Object.fromEntries(taggedFunction(account, input.Resource).tags),
  })),
};

/** The tags with more of them; refused when one is AWS's own or there would be more than 50. */
export function mergedFunctionTags(
  tags: ReadonlyMap<string, string>,
  more: Readonly<Record<string, string>>,
): Map<string, string> {
  const merged = mergeTags(tags, Object.entries(more));
  if (merged === undefined) {
    throw invalidParameter("A function takes at most 50 tags, and none with a key that starts with aws:");
  }
  return merged;
}

function taggedFunction(account: Account, arn: string): LambdaFunction {
  return findFunction(account, { FunctionName: arn });
}
