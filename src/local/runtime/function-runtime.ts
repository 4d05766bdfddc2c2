import type { FunctionVersion } from "../function-version.ts";
import type { InvokeResult } from "./execution-environment.ts";
import { FunctionPool } from "./function-pool.ts";

interface Options {
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
  /** The Node.js to run nodejs functions with; the one running this program by default. */
  readonly nodePath?: string;
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
