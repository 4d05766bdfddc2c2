import { setMaxListeners } from "node:events";
import { setTimeout as timer } from "node:timers/promises";
import { AwsError } from "../aws-error.ts";
import { isThrottled } from "../metered-runtime.ts";
import type { FunctionRuntime } from "../runtime/function-runtime.ts";

/** How long Lambda waits before it gives a failed event to the function again [AWS Lambda developer guide: invocation-async]. */
const RETRY_AFTER_MS = [60_000, 120_000];

/** The longest pause before a throttled event is tried again, and the age at which an event is thrown away [same]. */
const LONGEST_PAUSE_MS = 300_000;
const MAX_AGE_MS = 21_600_000;

/** Bytes of all events that were taken and are not done. AWS's queue has no end; the memory of this machine has. */
const MAX_BYTES = 67_108_864;

type Attempt = () => ReturnType<FunctionRuntime["invoke"]>;

/** The events nobody waits for. */
class AsyncEvents {
  /** By function: a new one of the same name is another one, and knows nothing of the events of the old. */
  readonly #ends = new WeakMap<object, AbortController>();
  #bytes = 0;

  /** Takes an event of so many bytes for a function; TooManyRequestsException when that would be too many of them. */
  take(fn: object, bytes: number, attempt: Attempt): void {
    if (this.#bytes + bytes > MAX_BYTES) {
      const reason = { Reason: "CallerRateLimitExceeded" };
      throw new AwsError("TooManyRequestsException", 429, "Too many events wait in the local AWS.", reason);
    }
    this.#bytes += bytes;
    const { signal } = this.#endOf(fn);
    const sleep = (ms: number) => timer(ms, undefined, { ref: false, signal });
    deliver(attempt, sleep).finally(() => {
      this.#bytes -= bytes;
    });
  }

  /** Throws away what waits for a function that was deleted. */
  drop(fn: object): void {
    this.#ends.get(fn)?.abort();
  }

  #endOf(fn: object): AbortController {
    const end = this.#ends.get(fn) ?? new AbortController();
    setMaxListeners(0, end.signal);
    this.#ends.set(fn, end);
    return end;
  }
}

/**
 * Delivers an event: a function error is tried again twice, a throttle until the event is too old. Anything else, as a
 * deleted function or a sleep that is broken off, ends it. Never rejects; how it ended is in the function's log.
 */
export async function deliver(attempt: Attempt, sleep: (ms: number) => Promise<unknown>): Promise<void> {
  let [errors, throttles, age] = [0, 0, 0];
  for (;;) {
    let pause: number | undefined;
    try {
      const { functionError } = await attempt();
      if (functionError === undefined) return;
      pause = RETRY_AFTER_MS[errors];
      errors += 1;
    } catch (error) {
      if (!isThrottled(error)) return;
      pause = Math.min(1000 * 2 ** throttles, LONGEST_PAUSE_MS);
      throttles += 1;
    }
    if (pause === undefined || age + pause > MAX_AGE_MS) return;
    age += pause;
    try {
      await sleep(pause);
    } catch {
      return;
    }
  }
}

export const asyncEvents = new AsyncEvents();
