import { randomInt } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Api } from "../store/apigatewayv2.ts";
import { page } from "../wire/pages.ts";
import { operationsOf } from "../wire/service.ts";
import { mergeTags, textInteger } from "../wire/validation.ts";

/** Declares an operation of API Gateway v2. */
export const operation = operationsOf("API Gateway", "BadRequestException", "BadRequestException");

export const id = z.string().min(1).max(128);
export const description = z.string().max(1024);

/** maxResults travels as text [aws 5.1]; the real maximum is unconfirmed. */
export const paging = { nextToken: z.string().min(1).optional(), maxResults: textInteger(1, 500).optional() };

/** The API; NotFoundException when there is none. */
export function findApi(account: Account, apiId: string): Api {
  const api = account.apis.get(apiId);
  if (api === undefined) throw notFound(`Invalid API identifier specified ${account.accountId}:${apiId}`);
  return api;
}

/**
 * Refuses one thing more of a kind than AWS lets an API hold [aws 5.4]. AWS sends ConflictException with status 429, as
 * reports of reached quotas of authorizers and integrations show.
 */
export function checkQuota(count: number, quota: number, things: string, holder = "API"): void {
  if (count < quota) return;
  const message = `Maximum number of ${things} for this ${holder} has been reached. Please contact AWS if you need additional ${things}.`;
  throw new AwsError("ConflictException", 429, message);
}

/** What a table of optional members parses to. */
export type Parsed<Members extends Record<string, z.ZodType>> = {
  readonly [K in keyof Members]?: z.output<Members[K]>;
};

/** For members that only a WebSocket API has: declared, so that they are refused as AWS does and not as unknown ones. */
export const webSocketOnly = z.unknown().optional();

/** Refuses members of WebSocket APIs. AWS's text is known for `apiKeyRequired` alone; the others are said alike (unconfirmed). */
export function refuseWebSocketMembers(input: object, names: readonly string[]): void {
  for (const name of names) {
    const value: unknown = Reflect.get(input, name);
    if (value === undefined || value === false) continue;
    throw badRequest(`${name.slice(0, 1).toUpperCase()}${name.slice(1)} is not currently supported for HTTP APIs.`);
  }
}

/** The default; unconfirmed, it is that of REST APIs [aws 5.1]. */
const PAGE_SIZE = 25;

/** A listing in API Gateway's shape. */
export function listing<Item>(
  account: Account,
  items: Iterable<Item>,
  input: { readonly nextToken?: string | undefined; readonly maxResults?: number | undefined },
  keyOf: (item: Item) => string,
  out: (item: Item) => object,
) {
  const shown = page(items, keyOf, {
    token: input.nextToken,
    size: Math.min(input.maxResults ?? PAGE_SIZE, account.timing.pageSize),
    invalid: () => badRequest("Invalid nextToken specified"),
  });
  return { items: shown.items.map(out), nextToken: shown.next };
}

/** A fresh id in API Gateway's style. */
export function newId(length: number): string {
  const digits = "abcdefghijklmnopqrstuvwxyz0123456789";
  return Array.from({ length }, () => digits[randomInt(digits.length)]).join("");
}

/** The tags with more of them; BadRequestException for what cannot be a tag. */
export function mergedTags(
  tags: ReadonlyMap<string, string>,
  more: Readonly<Record<string, string>>,
): Map<string, string> {
  const merged = mergeTags(tags, Object.entries(more));
  if (merged === undefined) throw badRequest("Invalid tags: at most 50, and none with a key that starts with aws:");
  return merged;
}

export function badRequest(message: string): AwsError {
  return new AwsError("BadRequestException", 400, message);
}

export function notFound(message: string): AwsError {
  return new AwsError("NotFoundException", 404, message);
}

export function conflict(message: string): AwsError {
  return new AwsError("ConflictException", 409, message);
}
