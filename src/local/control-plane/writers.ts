import { AwsError } from "../aws-error.ts";
import type { Call } from "../wire/service.ts";

interface Writer {
  inFlight: boolean;
  /** Epoch milliseconds. */
  busyUntil: number;
}

/**
 * Who is writing to what. AWS refuses a write to an API, or to a function's policy, that meets another one there, and
 * sometimes one that only follows another one closely [aws 4.7, 5.2].
 */
export class Writers {
  readonly #writers = new Map<string, Writer>();

  /**
   * Begins a write and answers how to end it: with the time in milliseconds for which what was written stays busy.
   * @throws AwsError when there is another write
   */
  begin(service: string, region: string, call: Call): (busyMs: number) => void {
    const target = targetOf(service, call);
    if (target === undefined) return () => undefined;
    const key = `${region} ${target}`;
    const other = this.#writers.get(key);
    if (other !== undefined && (other.inFlight || Date.now() < other.busyUntil)) throw conflict(service);
    const writer: Writer = { inFlight: true, busyUntil: 0 };
    this.#writers.set(key, writer);
    return (busyMs) => {
      writer.inFlight = false;
      writer.busyUntil = Date.now() + busyMs;
      if (busyMs === 0) this.#writers.delete(key);
    };
  }
}

/** What a call writes to, where AWS takes one write at a time. */
function targetOf(service: string, { operation, input }: Call): string | undefined {
  if (service === "apigateway" && /^(Create|Update|Delete|Reset)/.test(operation)) return member(input, "apiId");
  if (service === "lambda" && /^(Add|Remove)Permission$/.test(operation)) return member(input, "FunctionName");
  return undefined;
}

function member(input: unknown, name: string): string | undefined {
  if (typeof input !== "object" || input === null) return undefined;
  const value: unknown = Reflect.get(input, name);
  return typeof value === "string" ? value : undefined;
}

function conflict(service: string): AwsError {
  return service === "lambda"
    ? new AwsError(
        "ResourceConflictException",
        409,
        "The function could not be updated due to a concurrent update operation.",
      )
    : new AwsError(
        "ConflictException",
        409,
        "Unable to complete operation due to concurrent modification. Please try again later.",
      );
}
