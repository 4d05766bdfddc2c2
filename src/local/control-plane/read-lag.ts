import { BoundedMap } from "../bounded-map.ts";
import type { HttpResponse } from "../http.ts";
import type { Call } from "../wire/service.ts";

/** The writes after which a service may still read as before: all of IAM's [aws 3.6], elsewhere what is taken away or granted [aws 4.7, 4.11]. */
const LAGGING: ReadonlyMap<string, RegExp> = new Map([
  ["iam", /./],
  ["lambda", /^(Delete|AddPermission|RemovePermission)/],
  ["apigateway", /^Delete/],
  ["logs", /^Delete/],
]);

/** Listings of many shapes must not pile up. */
const KEPT_ANSWERS = 1000;

interface Answered {
  readonly answer: HttpResponse;
  /** Epoch milliseconds of the first write that made the answer old; undefined while it is not. */
  oldSince: number | undefined;
}

/** One service in one Region: its answers to calls that read, each kept until it is old for longer than the lag. */
export class ReadLag {
  readonly #service: string;
  readonly #answers = new BoundedMap<string, Answered>(KEPT_ANSWERS);

  constructor(service: string) {
    this.#service = service;
  }

  /** What the call was answered before a write of the last `lagMs` milliseconds; undefined: it has to be asked. */
  before(call: Call, lagMs: number): HttpResponse | undefined {
    const { answer, oldSince } = this.#answers.get(keyOf(call)) ?? {};
    return oldSince !== undefined && Date.now() < oldSince + lagMs ? answer : undefined;
  }

  /** Remembers how a call that reads was answered. */
  read(call: Call, answer: HttpResponse): void {
    this.#answers.set(keyOf(call), { answer, oldSince: undefined });
  }

  /** A write took effect. */
  written({ operation }: Call): void {
    if (LAGGING.get(this.#service)?.test(operation) !== true) {
      // Other writes are seen at once; an answer from before them must not come back.
      this.#answers.clear();
      return;
    }
    const now = Date.now();
    for (const answered of this.#answers.values()) answered.oldSince ??= now;
  }
}

/** Whether a call only reads what is stored: its answer may lag. */
export function mayLag({ operation }: Call): boolean {
  return /^(Get|List|Describe)/.test(operation);
}

function keyOf({ operation, input }: Call): string {
  return `${operation} ${JSON.stringify(input)}`;
}
