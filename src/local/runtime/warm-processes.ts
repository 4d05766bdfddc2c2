import type { ExecutionEnvironment } from "./execution-environment.ts";

interface Limits {
  /** So many free processes stay when all is quiet; those beyond end after surplusMs, these after idleMs. */
  readonly keptWarm: number;
  readonly surplusMs: number;
  readonly idleMs: number;
}

/** Processes that wait for a request, and what ends them when none comes. */
export class WarmProcesses {
  readonly #limits: Limits;
  /** The one used last is the last. */
  #free: ExecutionEnvironment[] = [];
  #timer: NodeJS.Timeout | undefined;

  constructor(limits: Limits) {
    this.#limits = limits;
  }

  add(environment: ExecutionEnvironment): void {
    this.#free.push(environment);
    this.#timer ??= setTimeout(() => this.#trim(), this.#limits.surplusMs).unref();
  }

  /** The one used last, so that a quiet function keeps reusing one process and the others end. */
  take(): ExecutionEnvironment | undefined {
    return this.#free.pop();
  }

  forget(environment: ExecutionEnvironment): void {
    this.#free = this.#free.filter((other) => other !== environment);
  }

  /** Ends all of them. */
  end(): void {
    clearTimeout(this.#timer);
    for (const environment of this.#free.splice(0)) {
      environment.stop();
    }
  }

  #trim(): void {
    const { keptWarm, surplusMs, idleMs } = this.#limits;
    const now = performance.now();
    const kept = this.#free.filter(({ freeSince }, index) => {
      const isSurplus = index < this.#free.length - keptWarm;
      return now - freeSince < (isSurplus ? surplusMs : idleMs);
    });
    const ended = this.#free.filter((environment) => !kept.includes(environment));
    this.#free = kept;
    for (const environment of ended) {
      environment.stop();
    }
    this.#timer = kept.length === 0 ? undefined : setTimeout(() => this.#trim(), surplusMs).unref();
  }
}
