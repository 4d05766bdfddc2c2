import { setTimeout as sleep } from "node:timers/promises";
import { attempt, type Generated, type Generation } from "./attempt.ts";
import { ApiError, upstreamFailed } from "./errors.ts";
import type { ModelEntry } from "./models.ts";

/** Tries of one backend before the next one has its turn. */
const TRIES = 3;
/** The pause before a backend's second try is up to this long; the bound doubles with each try. */
const FIRST_PAUSE_MS = 250;
/** An upstream that asks for a longer pause than this is not waited for: every second of the function is billed. */
const LONGEST_PAUSE_MS = 5_000;

/**
 * One answer from the first backend that gives one. Each of `candidates` is tried again after failures that may pass, then
 * the next has its turn, all before the deadline. Rejects with the `ApiError` that says most about why there is none.
 * `random` gives numbers from 0 to 1.
 */
export async function generate(
  generation: Generation,
  candidates: readonly ModelEntry[],
  random: () => number,
): Promise<Generated> {
  let failure: ApiError | undefined;
  for (const [index, entry] of candidates.entries()) {
    for (let tries = 1; ; tries += 1) {
      const outcome = await attempt(generation, entry, index === candidates.length - 1);
      if (!(outcome instanceof ApiError)) return outcome;
      // Also of an answer that another backend gives in the end, the log tells why the first one did not.
      generation.record.reason = outcome.reason;
      if (outcome.recovery === undefined) throw outcome;
      // That a backend cannot do something says less than why the one before it failed.
      if (failure === undefined || outcome.status !== 400) failure = outcome;
      const mayTryAgain = outcome.recovery === "retry" && tries < TRIES;
      const pauseMs = outcome.retryAfterMs ?? random() * FIRST_PAUSE_MS * 2 ** (tries - 1);
      if (!mayTryAgain || pauseMs > LONGEST_PAUSE_MS || pauseMs >= generation.deadline - generation.now()) break;
      await sleep(pauseMs);
    }
  }
  throw failure ?? upstreamFailed("No backend answers for this model.", { reason: "no backend" });
}
