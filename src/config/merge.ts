// What was given where, put together.
import { usageError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Override } from "./settings.ts";

/** The file's content under what flags and environment set. */
export function merge(file: object, set: readonly Override[], variables: Readonly<Record<string, string>>): object {
  const merged: Record<string, unknown> = { ...file };
  for (const { path, value } of set) {
    const [first, second] = path;
    // What is no object stays, for the schema to refuse.
    if (second !== undefined && !isObject(merged[first] ?? {})) continue;
    merged[first] = second === undefined ? value : { ...asObject(merged[first]), [second]: value };
  }
  if (Object.keys(variables).length > 0 && isObject(merged.function ?? {})) {
    const fields = asObject(merged.function);
    merged.function = { ...fields, environment: { ...asObject(fields.environment), ...variables } };
  }
  return merged;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function asObject(value: unknown): Record<string, unknown> {
  return typeof value === "object" && value !== null ? { ...value } : {};
}

/** `--env K=V` sets; `--env K` takes the value from the environment, so that it shows in no process list. */
export function environmentFlags(given: unknown, env: Io["env"]): Record<string, string> {
  if (!Array.isArray(given)) return {};
  const variables: Record<string, string> = {};
  for (const text of given.map(String)) {
    const at = text.indexOf("=");
    const name = at < 0 ? text : text.slice(0, at);
    const value = at < 0 ? env[name] : text.slice(at + 1);
    if (value === undefined) throw usageError(`--env ${name}: the environment has no such variable`, "Use --env K=V.");
    variables[name] = value;
  }
  return variables;
}

/** Which settings `--env` made, for messages. */
export function variableSources(variables: Readonly<Record<string, string>>): Override[] {
  const names = Object.keys(variables);
  const path = ["function", "environment"] as const;
  const each = names.map((name): Override => ({ path: [...path, name], value: undefined, source: `--env ${name}` }));
  return names.length === 0 ? [] : [...each, { path, value: undefined, source: "--env" }];
}
