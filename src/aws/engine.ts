// Makes and removes nodes. Knows no resource type: what AWS needs is in the kinds.
import { isDeepStrictEqual } from "node:util";
import { isStale, isWorthAnotherLook } from "./failures.ts";
import type { AnyNode, LiveOf } from "./kind.ts";
import { newRound, type Observation, observe, type RunCtx } from "./observe.ts";
import { type Action, actionFor, isNothingToDo, plan, refuseForeign } from "./plan.ts";
import { backoff } from "./retry.ts";

export interface Settled {
  readonly node: AnyNode;
  readonly live: object;
  readonly action: Exclude<Action, "deleted">;
}

/** What one node has become. */
export function liveOf<N extends AnyNode>(settled: readonly Settled[], node: N): LiveOf<N> | undefined {
  // Under a node stands only what its own kind has returned.
  return settled.find((result) => result.node === node)?.live as LiveOf<N> | undefined;
}

/** Hears how a run goes; `settled` and `removed` are awaited before anything that depends on the node starts. */
export interface Listener {
  /** What the node needs is there, and it is its turn. */
  started(node: AnyNode): void;
  waiting(node: AnyNode, what: string): void;
  settled(result: Settled): Promise<void>;
  removed(name: string, type: string): Promise<void>;
}

/** How often a node is read again and finished after an ambiguous or overtaken write; about 25 s in all. */
const LOOKS = 10;
const pauseMs = backoff(200, 4_000);
/** How often a run that created something looks whether a second run did the same at the same time. */
const PASSES = 5;

/**
 * Makes everything as wanted. A node starts when what it needs is settled; kinds of one lane take turns.
 * The first failure ends all waits and starts nothing new, but lets calls in flight finish and be recorded.
 * @throws whatever the first failing node threw
 */
export async function converge(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  first: Observation,
  adopt: boolean,
  listener: Listener,
): Promise<readonly Settled[]> {
  const results = new Map<AnyNode, Settled>();
  const remembering: Listener = {
    ...listener,
    async settled(result) {
      const before = results.get(result.node);
      // What a later pass leaves as it is was still made by this run.
      const action = before === undefined || before.action === "unchanged" ? result.action : before.action;
      results.set(result.node, { ...result, action });
      await listener.settled(result);
    },
  };
  let observation = first;
  for (let pass = 1; ; pass++) {
    let isDone = false;
    try {
      const settled = await apply(ctx, nodes, observation, adopt, remembering);
      isDone = settled.every(({ action }) => action === "unchanged" || (pass === 1 && action !== "created"));
    } catch (error) {
      if (pass === PASSES || !isStale(error)) throw error;
      await ctx.clock.sleep(pauseMs(pass), ctx.signal);
    }
    if (isDone || pass === PASSES) break;
    // Nothing on AWS stops two runs from creating two APIs at once, and one of them removes the other's. Searching,
    // both see both and choose the same one.
    const found = new Map([...results].map(([node, { live }]) => [node.id, live]));
    observation = await observe(ctx, nodes, found, true);
    if (isNothingToDo(plan(nodes, observation, adopt)) && results.size === nodes.length) break;
  }
  return nodes.map((node) => of(results, node));
}

async function apply(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  observation: Observation,
  adopt: boolean,
  listener: Listener,
): Promise<Settled[]> {
  const stop = new AbortController();
  const run: RunCtx = { ...ctx, signal: AbortSignal.any([ctx.signal, stop.signal]) };
  const inLane = lanes();
  const settling = new Map<AnyNode, Promise<Settled>>();
  const clearing = new Map<AnyNode["kind"], Promise<void>>();

  for (const node of nodes) {
    const start = async (): Promise<Settled> => {
      const needs = Object.entries(node.needs);
      const parents = await Promise.all(needs.map(async ([name, need]) => [name, await of(settling, need)] as const));
      // A snapshot of siblings must not contain those that are about to go.
      await Promise.all(needs.map(([, need]) => clearing.get(need.kind)));
      const result = await inLane(node.kind.lane, () => {
        listener.started(node);
        return settle(run, node, new Map(parents), observation, adopt, (what) => listener.waiting(node, what));
      });
      await listener.settled(result);
      return result;
    };
    settling.set(node, stopOnFailure(start(), stop));
    const leftovers = observation.leftovers.filter(({ kind }) => kind === node.kind);
    if (leftovers.length > 0 && node === nodes.findLast(({ kind }) => kind === node.kind)) {
      const siblings = nodes.filter(({ kind }) => kind === node.kind).map((sibling) => of(settling, sibling));
      clearing.set(node.kind, stopOnFailure(clear(run, siblings, leftovers, inLane, listener), stop));
    }
  }
  const outcomes = await Promise.allSettled([...settling.values(), ...clearing.values()]);
  if (stop.signal.aborted) throw stop.signal.reason;
  ctx.signal.throwIfAborted();
  return outcomes.flatMap((outcome) => (outcome.status === "fulfilled" && outcome.value ? [outcome.value] : []));
}

async function clear(
  ctx: RunCtx,
  siblings: readonly Promise<Settled>[],
  leftovers: Observation["leftovers"],
  inLane: ReturnType<typeof lanes>,
  listener: Listener,
): Promise<void> {
  await Promise.all(siblings);
  for (const { kind, stray } of leftovers) {
    await inLane(kind.lane, () => kind.remove(newRound(ctx), stray.live));
    await listener.removed(stray.name, kind.type);
  }
}

/** Observe, ensure, sync: whatever happened to a write, reading again tells what is still to do. */
async function settle(
  ctx: RunCtx,
  node: AnyNode,
  parents: ReadonlyMap<string, Settled>,
  observation: Observation,
  adopt: boolean,
  waiting: (what: string) => void,
): Promise<Settled> {
  const { kind } = node;
  const up = Object.fromEntries([...parents].map(([name, parent]) => [name, parent.live]));
  const key = node.key(up);
  const seen = observation.seen.get(node);
  // Inside something this run created there is nothing yet; anywhere else a new identity has to be read.
  const inNewParent = seen?.key === undefined && [...parents.values()].some(({ action }) => action === "created");
  const known = inNewParent || isDeepStrictEqual(seen?.key, key);
  let observed = known ? seen?.observed : await kind.read(newRound(ctx, waiting), key);
  const before = observed;
  let action: Settled["action"] | undefined;

  for (let n = 1; ; n++) {
    ctx.signal.throwIfAborted();
    if (observed !== undefined) refuseForeign(node, observed, adopt);
    const want = node.props(up);
    const changes = observed === undefined ? [] : kind.diff(want, observed.live);
    if (observed !== undefined && changes.length === 0) {
      return { node, live: observed.live, action: action ?? actionFor(observed, changes) };
    }
    action ??= before === undefined ? "created" : actionFor(before, changes);
    try {
      const live = await kind.apply(newRound(ctx, waiting), want, observed?.live, changes);
      return { node, live, action };
    } catch (error) {
      if (n >= LOOKS || isStale(error) || !isWorthAnotherLook(error)) throw error;
      await ctx.clock.sleep(pauseMs(n), ctx.signal);
      observed = await kind.read(newRound(ctx, waiting), key);
    }
  }
}

/** Removes what is ours: the nodes of a chain one after the other, all chains at once. What is not ours is left alone. */
export async function remove(
  ctx: RunCtx,
  chains: readonly (readonly AnyNode[])[],
  { seen }: Observation,
  listener: Listener,
): Promise<void> {
  const removals = chains.map(async (chain) => {
    for (const node of chain) {
      ctx.signal.throwIfAborted();
      const observed = seen.get(node)?.observed;
      if (!observed?.owned) continue;
      listener.started(node);
      const round = newRound(ctx, (what) => listener.waiting(node, what));
      await node.kind.remove(round, observed.live);
      await listener.removed(node.name, node.kind.type);
    }
  });
  const failed = (await Promise.allSettled(removals)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function lanes(): <T>(lane: string | undefined, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return (lane, work) => {
    if (lane === undefined) return work();
    const turn = (tails.get(lane) ?? Promise.resolve()).then(work, work);
    tails.set(lane, turn);
    return turn;
  };
}

function stopOnFailure<T>(work: Promise<T>, stop: AbortController): Promise<T> {
  work.catch((error: unknown) => stop.abort(error));
  return work;
}

/** Needs are earlier nodes by construction, so a missing one is a mistake in the stack. */
function of<T>(map: ReadonlyMap<AnyNode, T>, node: AnyNode): T {
  const value = map.get(node);
  if (value === undefined) throw new Error(`node ${node.id} is used before it is listed`);
  return value;
}
