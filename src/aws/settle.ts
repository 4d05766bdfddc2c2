// One node: looked at and written until it is as wanted. Knows no resource type.
import { isDeepStrictEqual } from "node:util";
import { isOvertaken, isStale, isUnanswered } from "./failures.ts";
import type { AnyNode, Observed } from "./kind.ts";
import { newRound, type Observation, type RunCtx } from "./observe.ts";
import { type Action, actionFor, refuseForeign } from "./plan.ts";
import { backoff, type Waiting, within } from "./retry.ts";

export interface Settled {
  readonly node: AnyNode;
  readonly live: object;
  readonly action: Exclude<Action, "deleted">;
}

/** How often a node is written, and read again after an ambiguous or overtaken write; about 25 s in all. */
const LOOKS = 10;
/** The same for a call that the client has sent nine times by then: only whether it took effect is still to be seen. */
const UNANSWERED_LOOKS = 2;
/** How long a thing may be missed whose create nobody answered, and which would be there twice if it were sent again. */
const DOUBT_LIMIT_MS = 5_000;
const pauseMs = backoff(200, 4_000);

/** Observe, ensure, sync: whatever happened to a write, reading again tells what is still to do. */
export async function settle(
  ctx: RunCtx,
  node: AnyNode,
  parents: ReadonlyMap<string, Settled>,
  observation: Observation,
  adopt: boolean,
  waiting: Waiting,
): Promise<Settled> {
  const { kind } = node;
  const up = Object.fromEntries([...parents].map(([name, parent]) => [name, parent.live]));
  const key = node.key(up);
  const seen = observation.seen.get(node);
  const isParent = (made: Settled["action"]) => [...parents.values()].some(({ action }) => action === made);
  // Inside something this run created there is nothing yet; anywhere else a new identity has to be read.
  const inNewParent = seen?.key === undefined && isParent("created");
  // What was inside a replaced one may have gone with it.
  const known = inNewParent || (isDeepStrictEqual(seen?.key, key) && !isParent("replaced"));
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
      // Nobody has sent the create of a nameless thing again.
      const isInDoubt = observed === undefined && kind.isNameless === true && isUnanswered(error);
      if (n >= looksAfter(error, isInDoubt)) throw error;
      const read = () => kind.read(newRound(ctx, waiting), key);
      observed = isInDoubt ? await readInDoubt(ctx, read, waiting) : await readLater(ctx, read, waiting, n, error);
    }
  }
}

/** How many looks this error is worth: none when looking at this one node cannot cure it. */
function looksAfter(error: unknown, isInDoubt: boolean): number {
  if (isStale(error)) return 0;
  if (isUnanswered(error)) return isInDoubt ? LOOKS : UNANSWERED_LOOKS;
  return isOvertaken(error) ? LOOKS : 0;
}

type Read = () => Promise<Observed<object> | undefined>;

async function readLater(ctx: RunCtx, read: Read, waiting: Waiting, n: number, error: unknown) {
  const over = waiting(`another look: ${isUnanswered(error) ? "AWS did not answer" : "something else changes it too"}`);
  await ctx.clock.sleep(pauseMs(n), ctx.signal).finally(over);
  return read();
}

/** What a create has made whose answer was lost; undefined when AWS shows nothing in time. */
function readInDoubt(ctx: RunCtx, read: Read, waiting: Waiting) {
  const what = "AWS to show whether it was made";
  const wait = { clock: ctx.clock, signal: ctx.signal, waiting, what, limitMs: DOUBT_LIMIT_MS, pauseMs };
  return within(wait, async () => {
    const observed = await read();
    return observed === undefined ? { notYet: "nothing is shown" } : { done: observed };
  });
}
