import type { FunctionVersion } from "../function-version.ts";
import type { InvokeResult } from "./execution-environment.ts";
import { FunctionPool } from "./function-pool.ts";

interface Options {
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
  /** The Node.js to run nodejs functions with; the one running this program by default. */
  readonly nodePath?: string;
}

/** An answer that is read while the function still works on it. */
export interface StreamingInvocation {
  /** What the function calls its answer, once it begins to write one; undefined: it did not say. Never rejects. */
  readonly contentType: Promise<string | undefined>;
  /** The answer as it comes. Ends early, without an error of its own, when the function fails. */
  readonly chunks: AsyncIterable<Buffer>;
  /** How it ended; `payload` is empty unless functionError is set. Settles after the last chunk. Never rejects. */
  readonly result: Promise<InvokeResult>;
}

/** Runs functions in child processes, as Lambda does: one request per process at a time, warm processes reused. */
export class FunctionRuntime {
  readonly #options: Options;
  readonly #pools = new Map<string, FunctionPool>();
  readonly #retiring = new Map<FunctionPool, Promise<void>>();
  #closed = false;

  constructor(options: Options) {
    this.#options = options;
  }

  /**
   * Invokes the function with a JSON payload and waits for its answer. A failure of the function, and a function
   * this machine cannot run, is a result with functionError and not an exception. Rejects only after close().
   */
  async invoke(fn: FunctionVersion, payload: Buffer, requestId: string): Promise<InvokeResult> {
    if (this.#closed) {
      throw new Error("the function runtime is closed");
    }
    return this.#poolOf(fn).invoke(payload, requestId);
  }

  /** Invokes the function and hands its answer on as it comes. A function that does not stream answers in one chunk. */
  invokeStreaming(fn: FunctionVersion, payload: Buffer, requestId: string): StreamingInvocation {
    const result = this.invoke(fn, payload, requestId);
    async function* chunks() {
      const { payload: answer, functionError } = await result;
      if (functionError === undefined) yield answer;
    }
    return { contentType: result.then(() => undefined), chunks: chunks(), result };
  }

  /** The function was changed or deleted: its processes end as soon as the requests they serve are answered. */
  retire(functionArn: string): void {
    const pool = this.#pools.get(functionArn);
    if (pool === undefined) {
      return;
    }
    this.#pools.delete(functionArn);
    const retiring = pool.retire();
    this.#retiring.set(pool, retiring);
    // One that failed stays: close() reports it.
    retiring.then(
      () => this.#retiring.delete(pool),
      () => {},
    );
  }

  /** Kills every process, waits until all are gone and removes the unpacked code. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#pools.values(), ...this.#retiring.keys()].map((pool) => pool.close()));
    await Promise.all(this.#retiring.values());
    this.#pools.clear();
  }

  #poolOf(fn: FunctionVersion): FunctionPool {
    const known = this.#pools.get(fn.functionArn);
    if (known?.revisionId === fn.revisionId) {
      return known;
    }
    this.retire(fn.functionArn);
    const { onLog, nodePath = process.execPath } = this.#options;
    const pool = new FunctionPool(fn, { onLog, nodePath });
    this.#pools.set(fn.functionArn, pool);
    return pool;
  }
}
