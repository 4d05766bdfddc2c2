/** Time as the product sees it; tests bring their own. All values are milliseconds. */
export interface Clock {
  /** Since 1970, for dates. Somebody may set it back. */
  now(): number;
  /** Since some moment, for durations. It only goes forward, whatever becomes of the date. */
  elapsed(): number;
  /** Rejects with the signal's reason as soon as it is aborted. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  elapsed: () => performance.now(),
  sleep: async (ms, signal) => {
    // Loaded when needed: --help starts faster without it.
    const { setTimeout: delay } = await import("node:timers/promises");
    await delay(ms, undefined, { signal }).catch((error: unknown) => {
      signal.throwIfAborted();
      throw error;
    });
  },
};
