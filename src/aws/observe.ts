// One look at everything a gateway consists of. Mutates nothing.
import { isDeepStrictEqual } from "node:util";
import type { AnyNode, Ctx, LiveOf, Observed, Stray } from "./kind.ts";
import { untold, type Waiting } from "./retry.ts";

/** Ids remembered by an earlier run, by node id. */
export type Hints = ReadonlyMap<string, object>;
/** What one run hands to every kind; the engine adds the rest of `Ctx`. */
export type RunCtx = Omit<Ctx, "once" | "waiting" | "search">;

/** Something of ours that nothing wants any more. */
export interface Leftover {
  readonly kind: AnyNode["kind"];
  readonly stray: Stray<object>;
}

interface Seen {
  readonly key: unknown;
  readonly observed: Observed<object> | undefined;
}

/** One consistent look at everything a gateway consists of. */
export interface Observation {
  readonly seen: ReadonlyMap<AnyNode, Seen>;
  readonly leftovers: readonly Leftover[];
}

/** What was seen of one node. */
export function observedOf<N extends AnyNode>({ seen }: Observation, node: N): Observed<LiveOf<N>> | undefined {
  // Under a node stands only what its own kind has read.
  return seen.get(node)?.observed as Observed<LiveOf<N>> | undefined;
}

/**
 * Reads the nodes, and what they need, in one parallel round. What hangs on an id is read by the remembered id at the
 * same time, and once more only if that id proves stale.
 * @param search finds everything by its own means, as if nothing were remembered
 */
export async function observe(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  hints: Hints,
  search = false,
): Promise<Observation> {
  const round = newRound(ctx, undefined, search);
  const reads = new Map<AnyNode, Promise<Seen>>();
  const read = (node: AnyNode): Promise<Seen> => {
    const running = reads.get(node) ?? look(round, node, read, hints);
    reads.set(node, running);
    return running;
  };
  const seen = new Map(await Promise.all(nodes.map(async (node) => [node, await read(node)] as const)));
  return { seen, leftovers: await findLeftovers(round, nodes, seen) };
}

async function look(ctx: Ctx, node: AnyNode, read: (need: AnyNode) => Promise<Seen>, hints: Hints): Promise<Seen> {
  const needs = Object.entries(node.needs);
  const hint = hints.get(node.id);
  const guess = node.key(Object.fromEntries(needs.map(([name, need]) => [name, hints.get(need.id)])));
  const early = guess === undefined ? undefined : node.kind.read(ctx, guess, hint);
  // Its failure matters only if the guess was right, which shows below.
  early?.catch(() => undefined);
  const up = await Promise.all(needs.map(async ([name, need]) => [name, await read(need)] as const));
  const key = node.key(Object.fromEntries(up.map(([name, parent]) => [name, parent.observed?.live])));
  if (key === undefined) return { key, observed: undefined };
  const sameKey = early !== undefined && isDeepStrictEqual(key, guess);
  return { key, observed: await (sameKey ? early : node.kind.read(ctx, key, hint)) };
}

async function findLeftovers(
  ctx: Ctx,
  nodes: readonly AnyNode[],
  seen: ReadonlyMap<AnyNode, Seen>,
): Promise<Leftover[]> {
  const kinds = [...new Set(nodes.map((node) => node.kind))];
  const found = kinds.map(async (kind) => {
    const keys = nodes.filter((node) => node.kind === kind).map((node) => seen.get(node)?.key);
    const wanted = keys.filter((key) => key !== undefined);
    const strays = (await kind.strays?.(ctx, wanted)) ?? [];
    return strays.map((stray) => ({ kind, stray }));
  });
  return (await Promise.all(found)).flat();
}

/** A context for one round of reads, or for one write: what is read with `once` is not older than it. */
export function newRound(ctx: RunCtx, waiting: Waiting = untold, search = false): Ctx {
  const shared = new Map<string, Promise<unknown>>();
  return {
    ...ctx,
    waiting,
    search,
    once<T>(key: string, read: () => Promise<T>): Promise<T> {
      const known = shared.get(key);
      // The key names the call, and so the type of its answer.
      if (known !== undefined) return known as Promise<T>;
      const fresh = read();
      shared.set(key, fresh);
      return fresh;
    },
  };
}
