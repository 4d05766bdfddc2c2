import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { FunctionVersion } from "../function-version.ts";
import { ExecutionEnvironment, failed, type InvokeResult } from "./execution-environment.ts";
import { cannotRun } from "./failures.ts";
import { interpreterOf } from "./program.ts";
import { unpackZip } from "./unpack.ts";

export interface PoolOptions {
  readonly nodePath: string;
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
}

/** Idle processes cost memory for as long as the local AWS runs; more of them than this are not kept warm. */
const MAX_IDLE = 10;

/** The processes of one revision of a function and the folder with its unpacked code. */
export class FunctionPool {
  readonly #fn: FunctionVersion;
  readonly #options: PoolOptions;
  readonly #folder: Promise<string>;
  readonly #unpacked: Promise<string>;
  readonly #all = new Set<ExecutionEnvironment>();
  readonly #running = new Set<Promise<unknown>>();
  #idle: ExecutionEnvironment[] = [];
  #retired = false;
  #closed = false;

  constructor(fn: FunctionVersion, options: PoolOptions) {
    this.#fn = fn;
    this.#options = options;
    this.#folder = mkdtemp(join(tmpdir(), "llm-gw-function-"));
    this.#unpacked = this.#folder.then(async (folder) => {
      await unpackZip(fn.zip, folder);
      return folder;
    });
    // Every request that needs the folder reports the failure.
    this.#unpacked.catch(() => {});
  }

  get revisionId(): string {
    return this.#fn.revisionId;
  }

  /** Runs one request on an idle process of this revision, or on a new one. */
  async invoke(payload: Buffer, requestId: string): Promise<InvokeResult> {
    const running = this.#invoke(payload, requestId);
    this.#running.add(running);
    try {
      return await running;
    } finally {
      this.#running.delete(running);
    }
  }

  /** Ends idle processes at once, busy ones after their request, then removes the folder. */
  async retire(): Promise<void> {
    this.#retired = true;
    await Promise.allSettled(this.#idle.map((environment) => environment.stop()));
    await Promise.allSettled(this.#running);
    await this.#unpacked.catch(() => {});
    const folder = await this.#folder.catch(() => undefined);
    if (folder !== undefined) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }

  /** Ends every process, busy or not, and removes the folder. */
  async close(): Promise<void> {
    this.#closed = true;
    await Promise.all([...this.#all].map((environment) => environment.stop()));
    await this.retire();
  }

  async #invoke(payload: Buffer, requestId: string): Promise<InvokeResult> {
    const environment = await this.#take();
    if ("errorType" in environment) {
      return { ...failed(environment), logTail: `${environment.errorMessage}\n` };
    }
    const result = await environment.invoke(payload, requestId);
    if (this.#retired || this.#idle.length >= MAX_IDLE) {
      await environment.stop();
    } else if (environment.usable) {
      this.#idle.push(environment);
    }
    return result;
  }

  async #take(): Promise<ExecutionEnvironment | ReturnType<typeof cannotRun>> {
    // The one used last is taken first, so that a quiet function keeps reusing one process.
    const idle = this.#idle.pop();
    if (idle !== undefined) {
      return idle;
    }
    const fn = this.#fn;
    const interpreter = interpreterOf(fn.runtime);
    if (interpreter === undefined) {
      return cannotRun(fn.runtime);
    }
    let folder: string;
    try {
      folder = await this.#unpacked;
    } catch (error) {
      return cannotRun(fn.runtime, error instanceof Error ? error.message : String(error));
    }
    const environment = await ExecutionEnvironment.start({ ...this.#options, fn, interpreter, folder });
    this.#all.add(environment);
    void environment.ended.then(() => {
      this.#all.delete(environment);
      this.#idle = this.#idle.filter((other) => other !== environment);
    });
    if (this.#closed) {
      await environment.stop();
    }
    return environment;
  }
}
