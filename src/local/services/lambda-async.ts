import { setTimeout as timer } from "node:timers/promises";
import { isThrottled } from "../metered-runtime.ts";
import type { FunctionRuntime } from "../runtime/function-runtime.ts";

/** How long Lambda waits before it gives a failed event to the function again [AWS Lambda developer guide: invocation-async]. */
const RETRY_AFTER_MS = [60_000, 120_000];

/** The longest pause before a throttled event is tried again, and the age at which an event is thrown away [same]. */
const LONGEST_PAUSE_MS = 300_000;
const MAX_AGE_MS = 21_600_000;

/**
 * Delivers an event nobody waits for: a function error is tried again twice, a throttle until the event is too old.
 * Anything else, as a deleted function, ends it. Never rejects; how it ended is in the function's log.
 */
export async function deliver(
  attempt: () => ReturnType<FunctionRuntime["invoke"]>,
  sleep: (ms: number) => Promise<unknown> = (ms) => timer(ms, undefined, { ref: false }),
): Promise<void> {
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
    await sleep(pause);
  }
}
