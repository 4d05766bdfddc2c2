import type { FunctionVersion } from "../function-version.ts";
import { AnswerStream } from "./answer-stream.ts";
import type { InvokeResult } from "./execution-environment.ts";
import { FunctionPool, POOL_LIMITS, type PoolLimits } from "./function-pool.ts";
import { OrphanGuard } from "./orphan-guard.ts";

interface Options {
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
  /** The Node.js to run nodejs functions with; the one running this program by default. */
  readonly nodePath?: string;
  /** In place of POOL_LIMITS. */
  readonly limits?: Partial<PoolLimits>;
}

/** An answer that is read while the function still works on it. */
export interface StreamingInvocation {
  /** What the function calls its answer, once it begins to write one; undefined: it did not say. Never rejects. */
  readonly contentType: Promise<string | undefined>;
  /**
   * The answer as it comes, 200 MB at most; a function waits for a reader who is slower. Ends early, without an error
   * of its own, when the function fails. A reader who stops early does not stop the function.
   */
  readonly chunks: AsyncIterable<Buffer>;
  /** How it ended; `payload` is empty unless functionError is set. Settles after the last chunk. Never rejects. */
  readonly result: Promise<InvokeResult>;
}

/** Runs functions in child processes, as Lambda does: one request per process at a time, warm processes reused. */
export class FunctionRuntime {
  readonly #options: Options;
  readonly #guard = new OrphanGuard();
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
    return this.#run(fn, payload, requestId, undefined);
  }

  /**
   * Invokes the function and hands its answer on as it comes. A function that does not stream answers in one chunk.
   * Throws only after close().
   */
  invokeStreaming(fn: FunctionVersion, payload: Buffer, requestId: string): StreamingInvocation {
    const stream = new AnswerStream();
    const result = this.#run(fn, payload, requestId, stream);
    return { contentType: stream.contentType, chunks: stream.chunks, result };
  }

  /**
   * Starts a process of the function where it has none, before a request comes: Lambda does so at times
   * [DOC:lambda-runtime-environment]. What its start says is in its log.
   */
  warmUp(fn: FunctionVersion): void {
    this.#poolOf(fn).warmUp();
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
    this.#guard.close();
  }

  #run(fn: FunctionVersion, payload: Buffer, requestId: string, stream: AnswerStream | undefined) {
    if (this.#closed) {
      throw new Error("the function runtime is closed");
    }
    const pool = this.#poolOf(fn);
    return new Promise<InvokeResult>((done) => pool.run({ payload, requestId, stream, done }));
  }

  #poolOf(fn: FunctionVersion): FunctionPool {
    const known = this.#pools.get(fn.functionArn);
    if (known?.revisionId === fn.revisionId) {
      return known;
    }
    this.retire(fn.functionArn);
    const { onLog, nodePath = process.execPath, limits } = this.#options;
    const options = { onLog, nodePath, guard: this.#guard, limits: { ...POOL_LIMITS, ...limits } };
    const pool = new FunctionPool(fn, options);
    this.#pools.set(fn.functionArn, pool);
    return pool;
  }
}
