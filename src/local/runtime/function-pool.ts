import { availableParallelism } from "node:os";
import type { FunctionVersion } from "../function-version.ts";
import { ExecutionEnvironment } from "./execution-environment.ts";
import { cannotRun, exited, type Failure } from "./failures.ts";
import { FunctionCode } from "./function-code.ts";
import { newLogStream } from "./init-log.ts";
import type { OrphanGuard } from "./orphan-guard.ts";
import { type FunctionRequest, failed } from "./outcome.ts";
import { interpreterOf } from "./program.ts";
import { WarmProcesses } from "./warm-processes.ts";

export interface PoolLimits {
  /**
   * Lambda starts a process for each request that finds none free, up to 1,000 [aws 4.9]. One machine cannot: beyond
   * so many of one function requests wait for a process, for as long as it takes. None is refused.
   */
  readonly maxProcesses: number;
  /** So many free processes stay when all is quiet; those beyond end after surplusMs, these after idleMs. */
  readonly keptWarm: number;
  readonly surplusMs: number;
  readonly idleMs: number;
}

export const POOL_LIMITS: PoolLimits = { maxProcesses: 100, keptWarm: 10, surplusMs: 30_000, idleMs: 600_000 };

/**
 * When another process is started for a request that waits: when no busy one has become free for STUCK_MS, or when they
 * do, but it has waited for PATIENCE_MS times their number. The more there are, the sooner one is free, and the less
 * another one helps. Lambda starts one at once, but of 32 requests to a fast function most are answered sooner that way.
 */
const STUCK_MS = 50;
const PATIENCE_MS = 4;

/** More than there are cores would only make each other late. */
const MAX_STARTING = availableParallelism();

export interface PoolOptions {
  readonly nodePath: string;
  readonly guard: OrphanGuard;
  readonly limits: PoolLimits;
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
}

/** The processes of one revision of a function, and the requests that wait for one. */
export class FunctionPool {
  readonly #fn: FunctionVersion;
  readonly #options: PoolOptions;
  readonly #code: FunctionCode;
  readonly #environments = new Set<ExecutionEnvironment>();
  /** One for each process, from before its start until it is gone; never empty while a request waits. */
  readonly #lives = new Set<Promise<void>>();
  readonly #warm: WarmProcesses;
  readonly #waiting: { readonly request: FunctionRequest; readonly since: number }[] = [];
  #starting = 0;
  /** When a process last became free: performance.now(). */
  #freedAt = 0;
  #timer: NodeJS.Timeout | undefined;
  #retired = false;
  #closed = false;

  constructor(fn: FunctionVersion, options: PoolOptions) {
    this.#fn = fn;
    this.#options = options;
    this.#code = new FunctionCode(fn.zip);
    this.#warm = new WarmProcesses(options.limits);
  }

  get revisionId(): string {
    return this.#fn.revisionId;
  }

  /** Runs a request on a free process of this revision, or on the first one that is free. */
  run(request: FunctionRequest): void {
    for (let free = this.#warm.take(); free !== undefined; free = this.#warm.take()) {
      if (free.run(request)) {
        return;
      }
    }
    this.#waiting.push({ request, since: performance.now() });
    if (this.#lives.size === 0) {
      this.#start();
    } else {
      this.#timer ??= setTimeout(this.#startLater, STUCK_MS);
    }
  }

  /** Starts a process where there is none. */
  warmUp(): void {
    if (this.#lives.size === 0) {
      this.#start();
    }
  }

  /** Ends idle processes at once, busy ones when no request is left, then removes the code. */
  async retire(): Promise<void> {
    this.#retired = true;
    this.#warm.end();
    while (this.#lives.size > 0) {
      await Promise.allSettled(this.#lives);
    }
    await this.#code.remove();
  }

  /** Ends every process, busy or not, and removes the code. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#failAll(({ requestId }) => exited(requestId, { code: null, signal: "SIGKILL" }));
    for (const environment of this.#environments) {
      environment.stop();
    }
    await this.retire();
  }

  readonly #startLater = (): void => {
    this.#timer = undefined;
    // Perhaps this program was the busy one, and processes have been free for a while: that is read first.
    setImmediate(() => {
      const oldest = this.#waiting[0];
      if (oldest === undefined || this.#timer !== undefined) {
        return;
      }
      const now = performance.now();
      const due = Math.min(
        Math.max(oldest.since, this.#freedAt) + STUCK_MS,
        oldest.since + PATIENCE_MS * this.#lives.size,
      );
      if (due <= now && this.#starting < Math.min(MAX_STARTING, this.#waiting.length)) {
        this.#start();
      }
      this.#timer = setTimeout(this.#startLater, Math.max(due - now, 5));
    });
  };

  #start(): void {
    if (this.#lives.size >= this.#options.limits.maxProcesses) {
      return;
    }
    const life = this.#live().finally(() => {
      this.#lives.delete(life);
      if (this.#lives.size === 0 && this.#waiting.length > 0) {
        this.#start();
      }
    });
    this.#lives.add(life);
  }

  async #live(): Promise<void> {
    const fn = this.#fn;
    const interpreter = interpreterOf(fn.runtime);
    if (interpreter === undefined) {
      return this.#refuseAll(cannotRun(fn.runtime));
    }
    let starting = true;
    this.#starting += 1;
    const started = () => {
      this.#starting -= starting ? 1 : 0;
      starting = false;
    };
    try {
      const folder = await this.#code.unpacked;
      const onFree = (free: ExecutionEnvironment) => {
        started();
        this.#give(free);
      };
      const environment = await ExecutionEnvironment.start({ ...this.#options, fn, interpreter, folder, onFree });
      this.#environments.add(environment);
      if (this.#closed) {
        environment.stop();
      }
      await environment.ended;
      this.#environments.delete(environment);
      this.#warm.forget(environment);
      const next = environment.started ? undefined : this.#waiting.shift();
      if (next !== undefined) {
        environment.refuse(next.request);
      }
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      this.#refuseAll(cannotRun(fn.runtime, reason));
    } finally {
      started();
    }
  }

  #give(free: ExecutionEnvironment): void {
    this.#freedAt = performance.now();
    const next = this.#waiting[0];
    if (next !== undefined) {
      if (free.run(next.request)) {
        this.#waiting.shift();
      }
    } else if (this.#retired) {
      free.stop();
    } else {
      this.#warm.add(free);
    }
  }

  /** Without a process there is no log of one: it gets a stream of its own. */
  #refuseAll(failure: Failure): void {
    this.#options.onLog(this.#fn, newLogStream(this.#fn), failure.errorMessage);
    this.#failAll(() => failure);
  }

  #failAll(why: (request: FunctionRequest) => Failure): void {
    for (const { request } of this.#waiting.splice(0)) {
      const failure = why(request);
      request.stream?.end();
      request.done({ ...failed(failure), logTail: `${failure.errorMessage}\n` });
    }
  }
}
