// Makes nodes. Knows no resource type: what AWS needs is in the kinds.
import { isDeepStrictEqual } from "node:util";
import { GatewayError } from "../errors.ts";
import { errorName, isOvertaken, isStale, isUnanswered } from "./failures.ts";
import type { AnyNode, LiveOf, Observed } from "./kind.ts";
import { newRound, type Observation, observe, type RunCtx } from "./observe.ts";
import { type Action, actionFor, isNothingToDo, plan, refuseForeign } from "./plan.ts";
import { backoff, within } from "./retry.ts";

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
  /** `node`: the one that waits; left out: the whole run. */
  waiting(what: string, node?: AnyNode): void;
  settled(result: Settled): Promise<void>;
  removed(name: string, type: string): Promise<void>;
}

/** How often a node is read again and finished after an ambiguous or overtaken write; about 25 s in all. */
const LOOKS = 10;
/** How often everything is looked at and finished, when another run works on the same gateway at the same time. */
const PASSES = 8;
const pauseMs = backoff(200, 4_000);
/** How long AWS's reads may miss a write [aws 1.4, 3.6]; what they miss for longer, somebody has undone. */
const SHOW_LIMIT_MS = 10_000;
/** The same after a create of which nobody knows whether it took effect, and which would make a second thing if repeated. */
const DOUBT_LIMIT_MS = 5_000;

/**
 * Makes everything as wanted. A node starts when what it needs is settled; kinds of one lane take turns.
 * The first failure ends all waits and starts nothing new, but lets calls in flight finish and be recorded.
 * @throws GatewayError Overtaken when another run keeps changing the same; else whatever the first failing node threw
 */
export async function converge(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  first: Observation,
  adopt: boolean,
  listener: Listener,
): Promise<readonly Settled[]> {
  const results = new Map<AnyNode, Settled>();
  let observation = first;
  for (let pass = 1; ; pass++) {
    const written = new Set<AnyNode>();
    const remembering: Listener = {
      ...listener,
      async settled(result) {
        if (result.action !== "unchanged") written.add(result.node);
        const before = results.get(result.node);
        // What a later pass leaves as it is was still made by this run.
        const action = before === undefined || before.action === "unchanged" ? result.action : before.action;
        results.set(result.node, { ...result, action });
        await listener.settled(result);
      },
    };
    try {
      const settled = await apply(ctx, nodes, observation, adopt, remembering);
      if (settled.every(({ action }) => action === "unchanged" || (pass === 1 && action !== "created"))) break;
    } catch (error) {
      if (!isOvertaken(error)) throw error;
      if (pass >= PASSES) throw overtaken(error);
      listener.waiting("another look at everything: something else changes it too");
      await ctx.clock.sleep(pauseMs(pass), ctx.signal);
    }
    observation = await lookAgain(ctx, nodes, results, written, observation, listener);
    const { steps, leftovers } = plan(nodes, observation, adopt);
    if (isNothingToDo({ steps, leftovers })) {
      // What is there need not be what this run made: another run may have put its equal in its place.
      for (const { node, live } of steps) if (live) await remembering.settled({ node, live, action: "unchanged" });
      break;
    }
    if (pass >= PASSES) throw overtaken(undefined);
  }
  return nodes.map((node) => of(results, node));
}

/**
 * Searches for everything once more. Nothing on AWS stops two runs from creating two APIs at once, and one of them
 * removes the other's: searching, both see both and choose the same one. A look that misses what this run itself has
 * written may as well miss what the other has, and does not count.
 */
async function lookAgain(
  ctx: RunCtx,
  nodes: readonly AnyNode[],
  results: ReadonlyMap<AnyNode, Settled>,
  written: ReadonlySet<AnyNode>,
  before: Observation,
  listener: Listener,
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
    waiting: listener.waiting,
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

function overtaken(cause: unknown): GatewayError {
  return new GatewayError("Overtaken", "something else keeps changing this gateway at the same time", {
    cause,
    hint: "Wait for the other deploy or destroy to end, then run this again: it goes on where it stopped.",
  });
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
        settle(run, node, new Map(parents), observation, adopt, (what) => listener.waiting(what, node)),
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
      if (n >= LOOKS || isStale(error) || !(isUnanswered(error) || isOvertaken(error))) throw error;
      const isInDoubt = observed === undefined && kind.isNameless === true && isUnanswered(error);
      const read = () => kind.read(newRound(ctx, waiting), key);
      observed = isInDoubt ? await readInDoubt(ctx, read, waiting) : await readLater(ctx, read, waiting, n, error);
    }
  }
}

type Read = () => Promise<Observed<object> | undefined>;

async function readLater(ctx: RunCtx, read: Read, waiting: (what: string) => void, n: number, error: unknown) {
  waiting(`another look, after ${errorName(error)}`);
  await ctx.clock.sleep(pauseMs(n), ctx.signal);
  return read();
}

/** What a create has made whose answer was lost; undefined when AWS shows nothing in time. */
function readInDoubt(ctx: RunCtx, read: Read, waiting: (what: string) => void) {
  const what = "AWS to show whether it was made";
  const wait = { clock: ctx.clock, signal: ctx.signal, waiting, what, limitMs: DOUBT_LIMIT_MS, pauseMs };
  return within(wait, async () => {
    const observed = await read();
    return observed === undefined ? { notYet: "nothing is shown" } : { done: observed };
  });
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
