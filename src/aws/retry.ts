import type { Clock } from "../clock.ts";
import { GatewayError } from "../errors.ts";

/** Tells the user what is waited for; what it returns tells that the wait is over. */
export type Waiting = (what: string) => () => void;

/** For waits of which nobody hears. */
export const untold: Waiting = () => () => undefined;

export interface Wait {
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** What is waited for, for the screen and for the error: "the role to become assumable". */
  readonly what: string;
  readonly limitMs: number;
  /** The pause before attempt n + 1 (n counts from 1), in milliseconds. */
  pauseMs(n: number): number;
  /** Called once, when the first attempt did not do; however the wait ends, its end is told. */
  readonly waiting: Waiting;
}

type Attempt<T> = { readonly done: T } | { readonly notYet: string };

/** A wait that came to its limit. */
interface GaveUp {
  readonly tries: number;
  readonly waitedMs: number;
  readonly last: string;
}

/**
 * Tries until `attempt` is done, with a limit. Anything it throws ends the wait at once: an attempt
 * turns exactly the errors that waiting can cure into `notYet`.
 * @throws GatewayError Timeout
 */
export async function until<T>(wait: Wait, attempt: (n: number) => Promise<Attempt<T>>): Promise<T> {
  const outcome = await tryUntil(wait, attempt);
  if ("done" in outcome) return outcome.done;
  const { tries, waitedMs, last } = outcome;
  throw new GatewayError("Timeout", `gave up waiting for ${wait.what} after ${tries} tries over ${seconds(waitedMs)}`, {
    hint: `The last answer was: ${last}`,
  });
}

/** The same for what may never come: undefined at the limit. */
export async function within<T>(wait: Wait, attempt: (n: number) => Promise<Attempt<T>>): Promise<T | undefined> {
  const outcome = await tryUntil(wait, attempt);
  return "done" in outcome ? outcome.done : undefined;
}

async function tryUntil<T>(
  wait: Wait,
  attempt: (n: number) => Promise<Attempt<T>>,
): Promise<{ readonly done: T } | GaveUp> {
  const start = wait.clock.elapsed();
  let over: (() => void) | undefined;
  try {
    for (let n = 1; ; n++) {
      const result = await attempt(n);
      if ("done" in result) return result;
      over ??= wait.waiting(wait.what);
      const pause = wait.pauseMs(n);
      const waitedMs = wait.clock.elapsed() - start;
      if (waitedMs + pause > wait.limitMs) return { tries: n, waitedMs, last: result.notYet };
      await wait.clock.sleep(pause, wait.signal);
    }
  } finally {
    over?.();
  }
}

/** Doubles from `firstMs` up to `mostMs`. */
export function backoff(firstMs: number, mostMs: number): (n: number) => number {
  return (n) => Math.min(mostMs, firstMs * 2 ** (n - 1));
}

function seconds(ms: number): string {
  return `${(ms / 1000).toFixed(1)} s`;
}
