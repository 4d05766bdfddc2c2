import { timedOut } from "./errors.ts";

/** Kept back from Lambda's own limit, to send the answer and write the log line. */
const RESERVE_MS = 1_000;

/**
 * Milliseconds left to answer: Lambda's remaining time less a second, and never more than whoever is in front waits.
 */
export function timeLeft(lambdaRemainingMs: number, callerWaitsMs: number): number {
  return Math.min(lambdaRemainingMs - RESERVE_MS, callerWaitsMs);
}

/**
 * Runs `work` for at most `ms` milliseconds. At the deadline its signal is aborted and the answer is a 504 at once,
 * even when `work` does not listen to the signal.
 */
export async function withDeadline<T>(ms: number, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
  const tooLate = timedOut("The model did not answer in time. Ask for fewer tokens, or invoke the function directly.");
  if (ms <= 0) throw tooLate;
  const abort = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(tooLate);
      abort.abort();
    }, ms);
  });
  try {
    return await Promise.race([work(abort.signal), deadline]);
  } finally {
    clearTimeout(timer);
  }
}
