// Errors as AWS's runtime interface client for Node.js names and reports them.
import { types } from "node:util";

export function named(name, message, cause) {
  const error = new Error(message, { cause });
  error.name = name;
  return error;
}

/** What the caller of the function gets. */
export function describe(error) {
  if (isError(error)) {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? "").split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}

/** What the log gets: with the error's own members, and those of every error inside it. */
export function logText(error) {
  try {
    return `\t${JSON.stringify(error, (_key, value) => (isError(value) ? withMembers(value) : value))}`;
  } catch {
    return `\t${JSON.stringify(describe(error))}`;
  }
}

function withMembers(error) {
  const stack = typeof error.stack === "string" ? { stack: error.stack.split("\n") } : {};
  return { errorType: error.name, errorMessage: error.message, code: error.code, ...error, ...stack };
}

function isError(value) {
  return types.isNativeError(value) || value instanceof Error;
}
