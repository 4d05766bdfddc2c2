/** Kept back from Lambda's own limit, to send the answer and write the log line. */
const RESERVE_MS = 1_000;

/**
 * Milliseconds left to answer: Lambda's remaining time less a second, and never more than whoever is in front waits.
 */
export function timeLeft(lambdaRemainingMs: number, callerWaitsMs: number): number {
  return Math.min(lambdaRemainingMs - RESERVE_MS, callerWaitsMs);
}

/** Thrown when time is up. */
export class TimeIsUp extends Error {}

/** A limit in time for reading one source. */
export interface TimeLimit {
  /** Aborts when time is up, or when `end` is called. */
  readonly signal: AbortSignal;
  /** Sets the limit anew, in milliseconds from now. */
  set(ms: number): void;
  /** The value of `work`; throws `TimeIsUp` when it takes too long, even if `work` does not listen to the signal. */
  within<T>(work: Promise<T>): Promise<T>;
  /** Stops the clock and aborts what is still under way. */
  end(): void;
}

/** setTimeout takes no more. */
const LONGEST_MS = 2 ** 31 - 1;

/** Starts a limit of `ms` milliseconds. */
export function startLimit(ms: number): TimeLimit {
  const abort = new AbortController();
  let fail: (reason: TimeIsUp) => void;
  const passed = new Promise<never>((_, reject) => {
    fail = reject;
  });
  passed.catch(() => {});
  let timer: NodeJS.Timeout | undefined;
  const set = (limit: number) => {
    clearTimeout(timer);
    timer = setTimeout(
      () => {
        fail(new TimeIsUp());
        abort.abort();
      },
      Math.min(limit, LONGEST_MS),
    );
  };
  set(ms);
  return {
    signal: abort.signal,
    set,
    within: (work) => Promise.race([work, passed]),
    end() {
      clearTimeout(timer);
      abort.abort();
    },
  };
}
