// Removes nodes. Knows no resource type: what AWS needs is in the kinds.
import type { Listener } from "./engine.ts";
import { isOvertaken } from "./failures.ts";
import type { AnyNode } from "./kind.ts";
import { type Hints, newRound, type Observation, observe, type RunCtx } from "./observe.ts";
import { backoff, until } from "./retry.ts";

/** What is deleted may be shown for a while [aws 3.6, 4.11], and a deploy may make it again at the same time. */
const GONE_LIMIT_MS = 60_000;

/**
 * Removes what is ours, and looks again until AWS shows nothing of it any more. The nodes of a chain go one after the
 * other, all chains at once. What is not ours is left alone.
 * @throws GatewayError Timeout when something is still there, or there again, after a minute
 */
export async function remove(
  ctx: RunCtx,
  chains: readonly (readonly AnyNode[])[],
  first: Observation,
  hints: Hints,
  listener: Pick<Listener, "started" | "waiting" | "removed">,
): Promise<void> {
  const nodes = chains.flat();
  const reported = new Set<AnyNode>();
  const removed = async (node: AnyNode) => {
    if (reported.has(node)) return;
    reported.add(node);
    await listener.removed(node.name, node.kind.type);
  };
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: listener.waiting,
    what: "AWS to show that nothing of it is left",
    limitMs: GONE_LIMIT_MS,
    pauseMs: backoff(200, 4_000),
  };
  let observation = first;
  const left = () => nodes.find((node) => observation.seen.get(node)?.observed?.owned === true);
  await until(wait, async () => {
    if (left() === undefined) return { done: undefined };
    let refusal = "";
    try {
      await removeSeen(ctx, chains, observation, listener, removed);
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      refusal = `: ${error.message}`;
    }
    observation = await observe(ctx, nodes, hints, true);
    const still = left();
    if (still === undefined) return { done: undefined };
    return { notYet: `${still.kind.type} ${still.name} is still there${refusal}` };
  });
}

async function removeSeen(
  ctx: RunCtx,
  chains: readonly (readonly AnyNode[])[],
  { seen }: Observation,
  listener: Pick<Listener, "started" | "waiting">,
  removed: (node: AnyNode) => Promise<void>,
): Promise<void> {
  const removals = chains.map(async (chain) => {
    for (const node of chain) {
      ctx.signal.throwIfAborted();
      const observed = seen.get(node)?.observed;
      if (!observed?.owned) continue;
      listener.started(node);
      const round = newRound(ctx, (what) => listener.waiting(what, node));
      await node.kind.remove(round, observed.live);
      await removed(node);
    }
  });
  const failed = (await Promise.allSettled(removals)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}
