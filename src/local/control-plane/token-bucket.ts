/** Lets `rate` calls a second through, and up to `burst` at once after a rest. */
export class TokenBucket {
  readonly #rate: number;
  readonly #burst: number;
  #tokens: number;
  #countedAt: number;

  constructor(rate: number, burst: number, now: number = Date.now()) {
    this.#rate = rate;
    this.#burst = burst;
    this.#tokens = burst;
    this.#countedAt = now;
  }

  /** Takes a token; false when none is left. `now` is in epoch milliseconds. */
  take(now: number = Date.now()): boolean {
    // A clock that is set back takes no tokens away.
    const seconds = Math.max(0, now - this.#countedAt) / 1000;
    this.#tokens = Math.min(this.#burst, this.#tokens + seconds * this.#rate);
    this.#countedAt = now;
    if (this.#tokens < 1) return false;
    this.#tokens -= 1;
    return true;
  }
}
