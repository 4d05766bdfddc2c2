import { AwsError } from "../aws-error.ts";
import { type Limits, TokenBucket } from "../token-bucket.ts";

// The documented rates, per account and Region [aws 4.9, 5.3]. Where AWS names no burst, it is a second's worth of calls.
const LAMBDA: Limits = { rate: 15, burst: 15 };
const LAMBDA_OWN: Readonly<Record<string, Limits>> = {
  GetFunction: { rate: 100, burst: 100 },
  GetPolicy: { rate: 15, burst: 15 },
};
const API_GATEWAY: Limits = { rate: 10, burst: 40 };
const CREATE_DEPLOYMENT: Limits = { rate: 1 / 5, burst: 1 };

/** The rates at which AWS takes calls that manage an account. IAM's, STS's and Logs' are not published, thus not here. */
export class Rates {
  readonly #buckets = new Map<string, TokenBucket>();

  /** Counts a call; false when it comes too fast. */
  take(service: string, region: string, operation: string): boolean {
    // Every bucket is asked: a call refused by one has still been made.
    return limitsOf(service, operation)
      .map(([name, limits]) => this.#bucket(`${region} ${service} ${name}`, limits).take(limits, Date.now()))
      .every((taken) => taken);
  }

  #bucket(key: string, limits: Limits): TokenBucket {
    const bucket = this.#buckets.get(key) ?? new TokenBucket(limits, Date.now());
    this.#buckets.set(key, bucket);
    return bucket;
  }
}

function limitsOf(service: string, operation: string): readonly (readonly [string, Limits])[] {
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
    case "ssm":
    case "secretsmanager":
      return new AwsError("ThrottlingException", 400, "Rate exceeded");
    default:
      return new AwsError("Throttling", 400, "Rate exceeded");
  }
}
