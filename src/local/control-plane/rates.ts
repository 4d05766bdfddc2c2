import { AwsError } from "../aws-error.ts";
import { TokenBucket } from "./token-bucket.ts";

interface Quota {
  /** Calls a second. */
  readonly rate: number;
  readonly burst: number;
}

// The documented rates, per account and Region [aws 4.9, 5.3]. Where AWS names no burst, it is a second's worth of calls.
const LAMBDA: Quota = { rate: 15, burst: 15 };
const LAMBDA_OWN: Readonly<Record<string, Quota>> = {
  GetFunction: { rate: 100, burst: 100 },
  GetPolicy: { rate: 15, burst: 15 },
};
const API_GATEWAY: Quota = { rate: 10, burst: 40 };
const CREATE_DEPLOYMENT: Quota = { rate: 1 / 5, burst: 1 };

/** The rates at which AWS takes calls that manage an account. IAM's, STS's and Logs' are not published, thus not here. */
export class Rates {
  readonly #buckets = new Map<string, TokenBucket>();

  /** Counts a call; false when it comes too fast. */
  take(service: string, region: string, operation: string): boolean {
    // Every bucket is asked: a call refused by one has still been made.
    return quotasOf(service, operation)
      .map(([name, quota]) => this.#bucket(`${region} ${service} ${name}`, quota).take())
      .every((taken) => taken);
  }

  #bucket(key: string, quota: Quota): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(quota.rate, quota.burst);
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function quotasOf(service: string, operation: string): readonly (readonly [string, Quota])[] {
  if (service === "lambda") {
    if (operation.startsWith("Invoke")) return [];
    const own = LAMBDA_OWN[operation];
    return own === undefined ? [["all", LAMBDA]] : [[operation, own]];
  }
  if (service !== "apigateway") return [];
  const all = ["all", API_GATEWAY] as const;
  return operation === "CreateDeployment" ? [all, [operation, CREATE_DEPLOYMENT]] : [all];
}

/** The error with which a service answers calls that come too fast [aws 1.1, 4.3, 5.2]. */
export function throttled(service: string): AwsError {
  switch (service) {
    case "lambda":
      return new AwsError("TooManyRequestsException", 429, "Rate exceeded", { Reason: "CallerRateLimitExceeded" });
    case "apigateway":
      return new AwsError("TooManyRequestsException", 429, "Too Many Requests");
    case "logs":
      return new AwsError("ThrottlingException", 400, "Rate exceeded");
    default:
      return new AwsError("Throttling", 400, "Rate exceeded");
  }
}
