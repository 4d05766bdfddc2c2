import { AwsError } from "../aws-error.ts";
import type { Call } from "../wire/service.ts";

interface Write {
  /** Ends it; what was written stays busy for so many milliseconds. Only the first call counts. */
  end(busyMs: number): void;
}

/**
 * Who is writing to what. AWS refuses a write to an API, or to a function's policy, that meets another one there, and
 * sometimes one that only follows another one closely [aws 4.3, 4.7, 5.2].
 */
export class Writers {
  /** Epoch milliseconds until which a target is busy; Infinity while a write is under way. */
  readonly #busyUntil = new Map<string, number>();

  /** @throws AwsError when there is another write */
  begin(service: string, region: string, call: Call): Write {
    const target = targetOf(service, call);
    if (target === undefined) return { end: () => undefined };
    this.#forgetThePast();
    const key = `${service} ${region} ${target}`;
    if (this.#busyUntil.has(key)) throw conflict(service);
    this.#busyUntil.set(key, Number.POSITIVE_INFINITY);
    let isOver = false;
    return {
      end: (busyMs) => {
        if (!isOver) this.#busyUntil.set(key, Date.now() + busyMs);
        isOver = true;
      },
    };
  }

  #forgetThePast(): void {
    const now = Date.now();
    for (const [key, until] of this.#busyUntil) if (until <= now) this.#busyUntil.delete(key);
  }
}

/** What a call writes to, where AWS takes one write at a time. */
function targetOf(service: string, { operation, input }: Call): string | undefined {
  if (service === "apigateway" && /^(Create|Update|Delete|Reset)/.test(operation)) return member(input, "apiId");
  if (service === "lambda" && /^((Add|Remove)Permission|PutFunctionConcurrency)$/.test(operation)) {
    // A name, or an ARN around it.
    return member(input, "FunctionName")?.split("function:").at(-1)?.split(":")[0];
  }
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
