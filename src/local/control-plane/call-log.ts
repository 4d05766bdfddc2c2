export interface LoggedCall {
  /** Position since the log was cleared, from 1. */
  readonly n: number;
  readonly service: string;
  readonly operation: string;
  /** HTTP status; 0 when the connection was dropped without an answer. */
  readonly status: number;
  /** Epoch milliseconds at which the call arrived. */
  readonly atMs: number;
  /** Milliseconds until it was answered. */
  readonly durationMs: number;
  readonly mutating: boolean;
  readonly fault?: string;
}

/** Enough for any test; a server left running for weeks must not grow without end. */
const KEPT_CALLS = 10_000;

/** What the control plane was asked, in the order the calls ended. */
export class CallLog {
  #calls: LoggedCall[] = [];
  #count = 0;

  add(call: Omit<LoggedCall, "n">): void {
    this.#count += 1;
    this.#calls.push({ n: this.#count, ...call });
    if (this.#calls.length > KEPT_CALLS) this.#calls.shift();
  }

  list(): readonly LoggedCall[] {
    return this.#calls;
  }

  clear(): void {
    this.#calls = [];
    this.#count = 0;
  }
}
