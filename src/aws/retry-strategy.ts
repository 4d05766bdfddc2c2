import type { RetryErrorInfo, RetryStrategyV2, RetryToken } from "@smithy/types";
import type { Clock } from "../clock.ts";
import { httpStatus, isError, isQuota } from "./failures.ts";
import { backoff, type Waiting } from "./retry.ts";

interface Options {
  readonly clock: Clock;
  /** Ends the pauses. */
  readonly signal: AbortSignal;
  /** Service and operation of a call, by the error it failed with: the SDK tells a strategy no more. */
  readonly failedCalls: WeakMap<object, string>;
  /** Tells the user what a pause waits for. */
  readonly waiting: Waiting;
  /** Whether a call may be sent again that perhaps took effect [aws 1 rule 3]. One that was throttled did not. */
  readonly isRepeatable: boolean;
}

/** A second for the first pause, as the SDK's own strategy has it; enough in all to sit out a throttled minute [aws 1.2]. */
const throttledPauseMs = backoff(1_000, 16_000);
/** Lost connections and 5xx answers usually are over at once. About ten seconds in all. */
const unansweredPauseMs = backoff(100, 4_000);
const MAX_RETRIES = 8;
/** How much longer than it would by itself a pause gets when AWS asks for it in `retry-after`, as in the SDK. */
const MOST_ASKED_MS = 5_000;
/** What AWS calls a request that did not arrive in time, with a status as if it had been refused. */
const REQUEST_TIMEOUT = ["RequestTimeout", "RequestTimeoutException"];
/** How AWS refuses a call whose signature has another time than its own. */
const WRONG_TIME = [
  ...["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"],
  ...["SignatureDoesNotMatch", "InvalidSignatureException"],
];

/**
 * Which calls the SDK sends again, and when: as its own standard strategy does, but on the run's clock and in sight of
 * the user. A quota is no rate, whatever the SDK takes it for: waiting does not lift it [aws 1.1].
 */
export class RetryStrategy implements RetryStrategyV2 {
  readonly #options: Options;

  constructor(options: Options) {
    this.#options = options;
  }

  async acquireInitialRetryToken(): Promise<RetryToken> {
    return token(0);
  }

  /** Rejects when the call is not to be sent again; the SDK then throws the call's own error. */
  async refreshRetryTokenForRetry(last: RetryToken, info: RetryErrorInfo): Promise<RetryToken> {
    const { clock, signal, waiting, failedCalls } = this.#options;
    const n = last.getRetryCount() + 1;
    const pauseMs = this.#pauseFor(info);
    if (pauseMs === undefined || n > MAX_RETRIES) throw new Error("not to be sent again");
    const call = failedCalls.get(info.error ?? {}) ?? "credentials";
    const over = waiting(`AWS to ${info.errorType === "THROTTLING" ? "take more calls" : "answer"} (${call})`);
    // Whoever was refused at the same moment should not come back at the same moment.
    const pause = pauseMs(n) * (0.5 + Math.random() / 2);
    const asked = info.retryAfterHint === undefined ? 0 : info.retryAfterHint.getTime() - clock.now();
    // When it is aborted, the next attempt is refused with the reason, which the SDK would not pass on from here.
    await clock.sleep(Math.max(pause, Math.min(asked, pause + MOST_ASKED_MS)), signal).catch(() => undefined);
    over();
    return token(n);
  }

  recordSuccess(): void {}

  #pauseFor({ error, errorType }: RetryErrorInfo): ((n: number) => number) | undefined {
    if (errorType === "THROTTLING") return isQuota(error) ? undefined : throttledPauseMs;
    if (errorType !== "TRANSIENT") return undefined;
    const status = httpStatus(error);
    if (status !== undefined && status < 500 && !isError(error, REQUEST_TIMEOUT)) {
      // Once the SDK has found this computer's clock off, it takes the refusal of any call for one of its time. What was
      // refused for that took no effect.
      return isError(error, WRONG_TIME) ? unansweredPauseMs : undefined;
    }
    return this.#options.isRepeatable ? unansweredPauseMs : undefined;
  }
}

function token(count: number): RetryToken {
  return { getRetryCount: () => count, getRetryDelay: () => 0 };
}
