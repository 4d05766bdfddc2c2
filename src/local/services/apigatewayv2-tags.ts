import * as z from "zod";
import type { Account } from "../store/account.ts";
import { tagMap, textList } from "../wire/validation.ts";
import { badRequest, findApi, mergedTags, operation } from "./apigatewayv2-model.ts";
import { findStage } from "./apigatewayv2-stages.ts";

const resourceArn = z.string().min(1);

export const tagOperations = {
  TagResource: operation(z.strictObject({ resourceArn, tags: tagMap }), (account, input) => {
    const tags = tagsOf(account, input.resourceArn);
    for (const [key, value] of mergedTags(tags, input.tags)) tags.set(key, value);
    return {};
  }),

  UntagResource: operation(z.strictObject({ resourceArn, tagKeys: textList }), (account, input) => {
    const tags = tagsOf(account, input.resourceArn);
    for (const key of input.tagKeys) tags.delete(key);
  }),

  GetTags: operation(z.strictObject({ resourceArn }), (account, input) => ({
    tags: Object.fromEntries(tagsOf(account, input.resourceArn)),
  })),
};

/** APIs and stages have tags, nothing inside them has [aws 9]. */
function tagsOf(account: Account, arn: string): Map<string, string> {
  const [, region, apiId, stageName] =
    /^arn:aws:apigateway:([a-z0-9-]+)::\/apis\/([^/]+)(?:\/stages\/([^/]+))?$/.exec(arn) ?? [];
  if (region !== account.region || apiId === undefined)
    throw badRequest("Invalid resource ARN specified in the request");
  const api = findApi(account, apiId);
  return stageName === undefined ? api.tags : findStage(api, stageName).tags;
}
