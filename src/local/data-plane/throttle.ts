import type { RouteSettings } from "../store/apigatewayv2.ts";
import { type Limits, TokenBucket } from "../token-bucket.ts";
import type { StageSettings } from "./account.ts";

/** All APIs of an account in a Region share these; no stage or route can allow itself more [aws 5.4]. */
const ACCOUNT: Limits = { rate: 10_000, burst: 5_000 };

/** The bucket of a stage among those of its routes; no route key is empty. */
const STAGE = "";

/** One token bucket for each route with limits of its own, one for the rest of its stage, one for the account [aws 5.7]. */
export class Throttle {
  readonly #stages = new WeakMap<StageSettings, Map<string, TokenBucket>>();
  #account: TokenBucket | undefined;

  /** Takes a token for a request to a route; false when there is none. A rate or burst of 0 lets nothing through. */
  take(stage: StageSettings, routeKey: string, now: number = performance.now()): boolean {
    const own = stage.routeSettings.get(routeKey);
    const hasOwn = own?.throttlingRateLimit !== undefined || own?.throttlingBurstLimit !== undefined;
    const limits = limitsOf(hasOwn ? own : undefined, stage.defaultRouteSettings);
    const name = hasOwn ? routeKey : STAGE;
    if (limits !== undefined && !this.#bucket(stage, name, limits, now).take(limits, now)) return false;
    this.#account ??= new TokenBucket(ACCOUNT, now);
    return this.#account.take(ACCOUNT, now);
  }

  #bucket(stage: StageSettings, name: string, limits: Limits, now: number): TokenBucket {
    const buckets = this.#stages.get(stage) ?? new Map<string, TokenBucket>();
    this.#stages.set(stage, buckets);
    const bucket = buckets.get(name) ?? new TokenBucket(limits, now);
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
