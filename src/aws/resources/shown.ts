import { unlessMissing } from "../failures.ts";
import type { Ctx } from "../kind.ts";
import { backoff, within } from "../retry.ts";

const SHOW_LIMIT_MS = 10_000;

/**
 * Reads what was made or changed a moment ago, which Lambda and API Gateway may not show yet.
 * @throws their "not found" when it is missing for 10 s: then somebody deleted it
 */
export async function shown<T>(ctx: Ctx, what: string, read: () => Promise<T>): Promise<T> {
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: `AWS to show ${what}`,
    limitMs: SHOW_LIMIT_MS,
    pauseMs: backoff(200, 2_000),
  };
  const found = await within(wait, async () => {
    const found = await unlessMissing(read());
    return found === undefined ? { notYet: "not found" } : { done: found };
  });
  return found ?? read();
}
