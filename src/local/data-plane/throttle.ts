import type { RouteSettings } from "../store.ts";
import type { StageSettings } from "./account.ts";

interface Limits {
  /** Requests per second. */
  readonly rate: number;
  readonly burst: number;
}

interface Bucket {
  tokens: number;
  /** In milliseconds, when the tokens were counted. */
  at: number;
}

/** All APIs of an account in a Region share these; no stage or route can allow itself more [aws 5.4]. */
const ACCOUNT: Limits = { rate: 10_000, burst: 5_000 };

/** The bucket of a stage among those of its routes; no route key is empty. */
const STAGE = "";

/** Token buckets: one for each route with limits of its own, one for the rest of its stage, one for the account [aws 5.7]. */
export class Throttle {
  readonly #stages = new WeakMap<StageSettings, Map<string, Bucket>>();
  #account: Bucket = { tokens: ACCOUNT.burst, at: Number.NEGATIVE_INFINITY };

  /** Takes a token for a request to a route; false when there is none. A rate or burst of 0 lets nothing through. */
  take(stage: StageSettings, routeKey: string, now: number = performance.now()): boolean {
    const own = stage.routeSettings.get(routeKey);
    const hasOwn = own?.throttlingRateLimit !== undefined || own?.throttlingBurstLimit !== undefined;
    const limits = limitsOf(hasOwn ? own : undefined, stage.defaultRouteSettings);
    if (limits !== undefined && !takeToken(this.#bucket(stage, hasOwn ? routeKey : STAGE, limits, now), limits, now)) {
      return false;
    }
    return takeToken(this.#account, ACCOUNT, now);
  }

  #bucket(stage: StageSettings, name: string, limits: Limits, now: number): Bucket {
    const buckets = this.#stages.get(stage) ?? new Map<string, Bucket>();
    this.#stages.set(stage, buckets);
    const bucket = buckets.get(name) ?? { tokens: limits.burst, at: now };
    buckets.set(name, bucket);
    return bucket;
  }
}

/** A route's limits; what it leaves out is the stage's, what that leaves out the account's. Undefined: the account's only. */
function limitsOf(own: RouteSettings | undefined, stage: RouteSettings): Limits | undefined {
  const rate = own?.throttlingRateLimit ?? stage.throttlingRateLimit;
  const burst = own?.throttlingBurstLimit ?? stage.throttlingBurstLimit;
  if (rate === undefined && burst === undefined) {
    return undefined;
  }
  return { rate: rate ?? ACCOUNT.rate, burst: burst ?? ACCOUNT.burst };
}

function takeToken(bucket: Bucket, { rate, burst }: Limits, now: number): boolean {
  if (rate === 0 || burst === 0) {
    return false;
  }
  bucket.tokens = Math.min(burst, bucket.tokens + ((now - bucket.at) / 1000) * rate);
  bucket.at = now;
  if (bucket.tokens < 1) {
    return false;
  }
  bucket.tokens -= 1;
  return true;
}
