// Makes nodes. Knows no resource type: what AWS needs is in the kinds.
import { GatewayError } from "../errors.ts";
import { isOvertaken } from "./failures.ts";
import type { AnyNode, LiveOf } from "./kind.ts";
import { lookAgain } from "./look-again.ts";
import { newRound, type Observation, type RunCtx } from "./observe.ts";
import { isNothingToDo, plan } from "./plan.ts";
import { backoff } from "./retry.ts";
import { type Settled, settle } from "./settle.ts";

/** What one node has become. */
export function liveOf<N extends AnyNode>(settled: readonly Settled[], node: N): LiveOf<N> | undefined {
  // Under a node stands only what its own kind has returned.
  return settled.find((result) => result.node === node)?.live as LiveOf<N> | undefined;
}

/** Hears how a run goes; `settled` and `removed` are awaited before anything that depends on the node starts. */
export interface Listener {
  /** What the node needs is there, and it is its turn. */
  started(node: AnyNode): void;
  /** `node`: the one that waits; left out: the whole run. What it returns is called when the wait is over. */
  waiting(what: string, node?: AnyNode): () => void;
  settled(result: Settled): Promise<void>;
  removed(name: string, type: string): Promise<void>;
}

/** How often everything is looked at and finished, when another run works on the same gateway at the same time. */
const PASSES = 8;
const pauseMs = backoff(200, 4_000);

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
      const over = listener.waiting("another look at everything: something else changes it too");
      await ctx.clock.sleep(pauseMs(pass), ctx.signal).finally(over);
    }
    observation = await lookAgain(ctx, nodes, { before: observation, written, results }, listener.waiting);
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

function overtaken(cause: Error | undefined): GatewayError {
  const last = cause === undefined ? "" : ` The last answer was: ${cause.message}`;
  return new GatewayError("Overtaken", "something else keeps changing this gateway at the same time", {
    cause,
    hint: `Wait for the other deploy or destroy to end, then run this again: it goes on where it stopped.${last}`,
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
  const inLane = lanes(stop);
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
        return settle(run, node, new Map(parents), observation, adopt, (what) => listener.waiting(what, node));
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

/** The work of one lane goes one after the other, and no further once something has failed. */
function lanes(stop: AbortController): <T>(lane: string | undefined, work: () => Promise<T>) => Promise<T> {
  const tails = new Map<string, Promise<unknown>>();
  return (lane, work) => {
    if (lane === undefined) return work();
    const start = () => {
      stop.signal.throwIfAborted();
      return stopOnFailure(work(), stop);
    };
    const turn = (tails.get(lane) ?? Promise.resolve()).then(start, start);
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
