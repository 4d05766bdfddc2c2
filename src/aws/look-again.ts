// The look at the end of a pass, which tells whether another run worked on the same at the same time.
import { isDeepStrictEqual } from "node:util";
import type { AnyNode } from "./kind.ts";
import { type Observation, observe, type RunCtx } from "./observe.ts";
import { backoff, type Waiting, within } from "./retry.ts";
import type { Settled } from "./settle.ts";

/** How long AWS's reads may miss a write [aws 1.4, 3.6]; what they miss for longer, somebody has undone. */
const SHOW_LIMIT_MS = 10_000;
const pauseMs = backoff(200, 4_000);

/** What a pass began with and did. */
interface Pass {
  readonly before: Observation;
  readonly written: ReadonlySet<AnyNode>;
  /** What has been settled in this pass and earlier ones. */
  readonly results: ReadonlyMap<AnyNode, Settled>;
}

/**
 * Searches for everything once more. Nothing on AWS stops two runs from creating two APIs at once, and one of them
 * removes the other's: searching, both see both and choose the same one. A look that misses what this run itself has
 * written may as well miss what the other has, and does not count.
 */
export async function lookAgain(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  { before, written, results }: Pass,
  waiting: Waiting,
): Promise<Observation> {
  const made = new Map([...results].map(([node, { live }]) => [node.id, live]));
  const keyMade = (node: AnyNode) =>
    node.key(Object.fromEntries(Object.entries(node.needs).map(([name, need]) => [name, made.get(need.id)])));
  const isMissed = (node: AnyNode, { seen }: Observation): boolean => {
    const { key, observed } = seen.get(node) ?? {};
    if (observed === undefined) return isDeepStrictEqual(key, keyMade(node));
    return observed.isUnlisted === true || isDeepStrictEqual(observed, before.seen.get(node)?.observed);
  };
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting,
    what: "AWS to show everything that was made",
    limitMs: SHOW_LIMIT_MS,
    pauseMs,
  };
  const look = () => observe(ctx, nodes, made, true);
  let observation = await look();
  await within(wait, async (n) => {
    if (n > 1) observation = await look();
    const missed = [...written].find((node) => isMissed(node, observation));
    return missed === undefined ? { done: true } : { notYet: `${missed.kind.type} ${missed.name} is as before` };
  });
  return observation;
}
