import { ApiError } from "../errors.ts";
import type { ModelEntry } from "../models.ts";

/** A text field that a backend cannot do without. Throws an `ApiError` (500) naming it. */
export function entryField(entry: ModelEntry, field: string): string {
  const value = entry[field];
  if (typeof value === "string" && value !== "") return value;
  throw new ApiError(
    500,
    "bad_configuration",
    `models.json: a model of the backend "${entry.backend}" needs "${field}".`,
  );
}
