import { type ApiError, badRequest } from "../errors.ts";
import { isRecord } from "../json.ts";

/**
 * The fields of one object in a request. Every reader throws an `ApiError` (400) that names the field by its path, such
 * as `messages[0].content`, when the value is of another kind. `null` means "not given", as OpenAI's clients send it.
 */
export class Fields {
  readonly #values: Readonly<Record<string, unknown>>;
  readonly #path: string;

  constructor(values: Readonly<Record<string, unknown>>, path = "") {
    this.#values = values;
    this.#path = path;
  }

  /** The path of a field, as errors name it. */
  path(name: string): string {
    return this.#path === "" ? name : `${this.#path}.${name}`;
  }

  value(name: string): unknown {
    return (Object.hasOwn(this.#values, name) ? this.#values[name] : undefined) ?? undefined;
  }

  /** These fields with another value for one of them. */
  with(name: string, value: unknown): Fields {
    return new Fields({ ...this.#values, [name]: value }, this.#path);
  }

  /** The error for a field that should have been `wanted`. */
  invalid(name: string, wanted: string): ApiError {
    return invalidField(this.path(name), wanted);
  }

  text(name: string): string | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "string") return value;
    throw this.invalid(name, "a text");
  }

  requiredText(name: string): string {
    const text = this.text(name);
    if (text !== undefined && text !== "") return text;
    throw this.invalid(name, "a text that is not empty");
  }

  flag(name: string): boolean | undefined {
    const value = this.value(name);
    if (value === undefined || typeof value === "boolean") return value;
    throw this.invalid(name, "true or false");
  }

  number(name: string): number | undefined {
    const value = this.value(name);
    // JSON's 1e999 is read as infinity, and would be sent on as null.
    if (value === undefined || (typeof value === "number" && Number.isFinite(value))) return value;
    throw this.invalid(name, "a number");
  }

  /** A whole number of at least `min`. */
  integer(name: string, min: number): number | undefined {
    const value = this.value(name);
    if (value === undefined || (typeof value === "number" && Number.isSafeInteger(value) && value >= min)) return value;
    throw this.invalid(name, `a whole number of at least ${min}`);
  }

  record(name: string): Readonly<Record<string, unknown>> | undefined {
    const value = this.value(name);
    if (value === undefined || isRecord(value)) return value;
    throw this.invalid(name, "an object");
  }

  /** The fields of an object that has to be there. */
  inner(name: string): Fields {
    const value = this.record(name);
    if (value !== undefined) return new Fields(value, this.path(name));
    throw this.invalid(name, "an object");
  }

  list(name: string): readonly unknown[] | undefined {
    const value = this.value(name);
    if (value === undefined || Array.isArray(value)) return value;
    throw this.invalid(name, "a list");
  }

  /** The fields of each object in a list. */
  each(name: string): Fields[] | undefined {
    return this.list(name)?.map((item, index) => {
      const path = `${this.path(name)}[${index}]`;
      if (isRecord(item)) return new Fields(item, path);
      throw invalidField(path, "an object");
    });
  }
}

function invalidField(param: string, wanted: string): ApiError {
  return badRequest("invalid_value", `"${param}" must be ${wanted}.`, { param });
}
