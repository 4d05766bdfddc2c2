import { AwsError } from "./aws-error.ts";
import type { FunctionVersion } from "./function-version.ts";
import type { FunctionRuntime } from "./runtime/function-runtime.ts";

/** What executions are counted against: a function's reservation, or what a Region has left for all the others. */
export interface ConcurrencyPool {
  readonly name: string;
  readonly limit: number;
  /** How Lambda words its end [aws 4.3]. */
  readonly reason: string;
}

/** What somebody needs who only wants an answer. */
export type Invoker = Pick<FunctionRuntime, "invoke">;

/** The function runtime behind the account's concurrency limits. Whoever invokes a function, does it through here. */
export class MeteredRuntime {
  readonly #runtime: FunctionRuntime;
  readonly #poolOf: (fn: FunctionVersion) => ConcurrencyPool;
  readonly #inUse = new Map<string, number>();

  constructor(runtime: FunctionRuntime, poolOf: (fn: FunctionVersion) => ConcurrencyPool) {
    this.#runtime = runtime;
    this.#poolOf = poolOf;
  }

  /** As the runtime's own; rejects with TooManyRequestsException when every execution the function may have is in use. */
  async invoke(...call: Parameters<FunctionRuntime["invoke"]>): ReturnType<FunctionRuntime["invoke"]> {
    const release = this.#take(call[0]);
    return this.#runtime.invoke(...call).finally(release);
  }

  /** As the runtime's own; throws TooManyRequestsException like `invoke`. */
  invokeStreaming(
    ...call: Parameters<FunctionRuntime["invokeStreaming"]>
  ): ReturnType<FunctionRuntime["invokeStreaming"]> {
    const release = this.#take(call[0]);
    const invocation = this.#runtime.invokeStreaming(...call);
    invocation.result.then(release, release);
    return invocation;
  }

  retire(functionArn: string): void {
    this.#runtime.retire(functionArn);
  }

  #take(fn: FunctionVersion): () => void {
    const { name, limit, reason } = this.#poolOf(fn);
    const inUse = this.#inUse.get(name) ?? 0;
    if (inUse >= limit) throw new AwsError(THROTTLED, 429, "Rate Exceeded.", { Reason: reason });
    this.#inUse.set(name, inUse + 1);
    return () => this.#inUse.set(name, (this.#inUse.get(name) ?? 1) - 1);
  }
}

const THROTTLED = "TooManyRequestsException";

/** What Lambda's model puts beside a TooManyRequestsException, in seconds; how many is unconfirmed. */
export const RETRY_AFTER = { "retry-after": "1" };

/** Whether an invocation failed because nothing was free to run it. */
export function isThrottled(error: unknown): error is AwsError {
  return error instanceof AwsError && error.code === THROTTLED;
}
