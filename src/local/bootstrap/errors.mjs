// Errors as AWS's runtime interface client for Node.js names and reports them.
import { types } from "node:util";

export function named(name, message, cause) {
  const error = new Error(message, { cause });
  error.name = name;
  return error;
}

export function describe(error) {
  if (types.isNativeError(error) || error instanceof Error) {
    return { errorType: error.name, errorMessage: error.message, trace: String(error.stack ?? "").split("\n") };
  }
  return { errorType: typeof error, errorMessage: String(error), trace: [] };
}
