import { isError } from "../failures.ts";
import type { Ctx } from "../kind.ts";
import { backoff, until } from "../retry.ts";

/** All kinds that write to one API take turns: parallel writes are refused [aws 5.2]. */
export const API_LANE = "apigatewayv2";

const BUSY_LIMIT_MS = 120_000;

/**
 * Sends one write to API Gateway, again while it answers "concurrent modification", which it does even to strictly
 * serial calls [aws 5.2]. Every other conflict means that something exists or is in use, and is thrown.
 */
export function write<T>(ctx: Ctx, send: () => Promise<T>): Promise<T> {
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: "API Gateway to finish another change of this API",
    limitMs: BUSY_LIMIT_MS,
    pauseMs: backoff(1_000, 8_000),
  };
  return until(wait, async () => {
    try {
      return { done: await send() };
    } catch (error) {
      if (!isError(error, ["ConflictException"], /concurrent modification|try again later/i)) throw error;
      return { notYet: error.message };
    }
  });
}

interface Page<Item> {
  readonly Items?: readonly Item[] | undefined;
  readonly NextToken?: string | undefined;
}

/** All items of a listing: the SDK has no paginators for it, and page sizes are not documented [aws 5.1]. */
export async function listAll<Item>(page: (NextToken: string | undefined) => Promise<Page<Item>>): Promise<Item[]> {
  const items: Item[] = [];
  let token: string | undefined;
  do {
    const { Items, NextToken } = await page(token);
    items.push(...(Items ?? []));
    token = NextToken;
  } while (token !== undefined);
  return items;
}
