export interface Limits {
  /** Calls per second. */
  readonly rate: number;
  /** Calls at once, after a rest. */
  readonly burst: number;
}

/** Lets calls through at a rate. The limits come with each call, for they may change in between. */
export class TokenBucket {
  #tokens: number;
  /** When the tokens were counted, in the caller's milliseconds. */
  #countedAt: number;

  /** A full bucket. `now` is in milliseconds of any clock, the same in every call. */
  constructor({ burst }: Limits, now: number) {
    this.#tokens = burst;
    this.#countedAt = now;
  }

  /** Takes a token; false when there is none. A rate or burst of 0 lets nothing through. */
  take({ rate, burst }: Limits, now: number): boolean {
    if (rate === 0 || burst === 0) return false;
    // A clock that is set back takes no tokens away.
    const seconds = Math.max(0, now - this.#countedAt) / 1000;
    this.#tokens = Math.min(burst, this.#tokens + seconds * rate);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
