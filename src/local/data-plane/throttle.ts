import type { DeployedStage } from "./account.ts";

interface Bucket {
  tokens: number;
  /** In milliseconds, when the tokens were counted. */
  at: number;
}

/** Token buckets, one for each stage [aws 5.7]. */
export class Throttle {
  readonly #buckets = new Map<string, Bucket>();

  /** Takes a token of the stage's bucket; false when it is empty. A rate or burst of 0 lets nothing through. */
  take({ apiId, stageName, throttle }: DeployedStage, now: number = performance.now()): boolean {
    const key = `${apiId}/${stageName}`;
    if (throttle === undefined) {
      this.#buckets.delete(key);
      return true;
    }
    if (throttle.rate === 0 || throttle.burst === 0) {
      return false;
    }
    const bucket = this.#buckets.get(key) ?? { tokens: throttle.burst, at: now };
    this.#buckets.set(key, bucket);
    bucket.tokens = Math.min(throttle.burst, bucket.tokens + ((now - bucket.at) / 1000) * throttle.rate);
    bucket.at = now;
    if (bucket.tokens < 1) {
      return false;
    }
    bucket.tokens -= 1;
    return true;
  }
}
