// Plans, applies and removes nodes. Knows no resource type: what AWS needs is in the kinds.
import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../errors.ts";
import { isStale, isWorthAnotherLook } from "./failures.ts";
import type { AnyNode, Change, Ctx, Observed, Stray } from "./kind.ts";
import { backoff } from "./retry.ts";

/** What a run did with a resource. */
export type Action = "created" | "updated" | "replaced" | "adopted" | "unchanged" | "deleted";

interface Step {
  readonly node: AnyNode;
  readonly action: Exclude<Action, "deleted">;
  readonly changes: readonly Change[];
  readonly live: object | undefined;
}

/** Something of ours that nothing wants any more. */
interface Leftover {
  readonly kind: AnyNode["kind"];
  readonly stray: Stray<object>;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly leftovers: readonly Leftover[];
}

/** Ids remembered by an earlier run, by node id. */
export type Hints = ReadonlyMap<string, object>;
/** What one run hands to every kind; the engine adds the rest of `Ctx`. */
export type RunCtx = Omit<Ctx, "once" | "waiting">;

export interface Settled {
  readonly node: AnyNode;
  readonly live: object;
  readonly action: Exclude<Action, "deleted">;
}

/** Hears how a run goes; `settled` and `removed` are awaited before anything that depends on the node starts. */
export interface Listener {
  waiting(node: AnyNode, what: string): void;
  settled(result: Settled): Promise<void>;
  removed(name: string, type: string): Promise<void>;
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

/** How often a node is read again and finished after an ambiguous or overtaken write; about 25 s in all. */
const LOOKS = 10;
const pauseMs = backoff(200, 4_000);
/** How often a run that created something looks whether a second run did the same at the same time. */
const PASSES = 5;

/**
 * Reads the nodes, and what they need, in one parallel round. What hangs on an id is read by the remembered id at the
 * same time, and once more only if that id proves stale.
 * @param search finds everything by its own means, as without hints; they only let the reads start together
 */
export async function observe(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  hints: Hints,
  search = false,
): Promise<Observation> {
  const round = newRound(ctx);
  const reads = new Map<AnyNode, Promise<Seen>>();
  const read = (node: AnyNode): Promise<Seen> => {
    const running = reads.get(node) ?? look(round, node, read, hints, search);
    reads.set(node, running);
    return running;
  };
  const seen = new Map(await Promise.all(nodes.map(async (node) => [node, await read(node)] as const)));
  return { seen, leftovers: await findLeftovers(round, nodes, seen) };
}

async function look(
  ctx: Ctx,
  node: AnyNode,
  read: (need: AnyNode) => Promise<Seen>,
  hints: Hints,
  search: boolean,
): Promise<Seen> {
  const needs = Object.entries(node.needs);
  const hint = search ? undefined : hints.get(node.id);
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
    const lives = nodes.filter((node) => node.kind === kind).map((node) => seen.get(node)?.observed?.live);
    const strays =
      (await kind.strays?.(
        ctx,
        lives.filter((live) => live !== undefined),
      )) ?? [];
    return strays.map((stray) => ({ kind, stray }));
  });
  return (await Promise.all(found)).flat();
}

/**
 * What `apply` will do, by the same comparison.
 * @throws GatewayError NotOwned when something of ours would have the name of something that is not.
 */
export function plan(nodes: readonly AnyNode[], observation: Observation, adopt: boolean): Plan {
  const steps = nodes.map((node): Step => {
    const observed = observation.seen.get(node)?.observed;
    if (observed === undefined) return { node, action: "created", changes: [], live: undefined };
    refuseForeign(node, observed, adopt);
    const changes = plannedChanges(node, observed.live, observation);
    return { node, action: actionFor(observed, changes), changes, live: observed.live };
  });
  return { steps, leftovers: observation.leftovers };
}

function plannedChanges(node: AnyNode, live: object, { seen }: Observation): readonly Change[] {
  const up: Record<string, object> = {};
  for (const [name, need] of Object.entries(node.needs)) {
    const parent = seen.get(need)?.observed?.live;
    // What it has to become is known only when its parent exists again.
    if (parent === undefined) return [{ path: need.id, to: "is created first" }];
    up[name] = parent;
  }
  return node.kind.diff(node.props(up), live);
}

export function isNothingToDo(planned: Plan): boolean {
  return planned.leftovers.length === 0 && planned.steps.every((step) => step.action === "unchanged");
}

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
      const result = await inLane(node.kind.lane, () =>
        settle(run, node, new Map(parents), observation, adopt, (what) => listener.waiting(node, what)),
      );
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
  leftovers: readonly Leftover[],
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

function actionFor(observed: Observed<object>, changes: readonly Change[]): Settled["action"] {
  if (!observed.owned) return "adopted";
  if (changes.length === 0) return "unchanged";
  return changes.some(({ replaces }) => replaces) ? "replaced" : "updated";
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
      const round = newRound(ctx, (what) => listener.waiting(node, what));
      await node.kind.remove(round, observed.live);
      await listener.removed(node.name, node.kind.type);
    }
  });
  const failed = (await Promise.allSettled(removals)).find((outcome) => outcome.status === "rejected");
  if (failed !== undefined) throw failed.reason;
}

function refuseForeign(node: AnyNode, observed: Observed<object>, adopt: boolean): void {
  if (observed.owned || adopt) return;
  throw new GatewayError("NotOwned", `${node.kind.type} ${node.name} exists and does not belong to this gateway`, {
    hint: "Choose another --name, or take it over with: llm-gw deploy --adopt",
  });
}

function newRound(ctx: RunCtx, waiting: (what: string) => void = () => undefined): Ctx {
  const shared = new Map<string, Promise<unknown>>();
  return {
    ...ctx,
    waiting,
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
