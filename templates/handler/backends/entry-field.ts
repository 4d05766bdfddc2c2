import { type ApiError, misconfigured } from "../errors.ts";
import { isRecord } from "../json.ts";
import type { ModelEntry } from "../models.ts";
import type { SecretReference } from "../secrets.ts";

/** A text field that a backend cannot do without. Throws an `ApiError` (500) naming it. */
export function entryField(entry: ModelEntry, field: string): string {
  const value = entry[field];
  if (typeof value === "string" && value !== "") return value;
  throw badEntry(entry, field);
}

/** A field that says where a secret is kept, or is left out. Throws an `ApiError` (500) for anything else. */
export function entrySecret(entry: ModelEntry, field: string): SecretReference | undefined {
  const value = entry[field];
  if (value === undefined) return undefined;
  if (isRecord(value) && isSource(value.source) && typeof value.name === "string") {
    return { source: value.source, name: value.name };
  }
  throw badEntry(entry, field);
}

function isSource(source: unknown): source is SecretReference["source"] {
  return source === "ssm" || source === "secretsmanager" || source === "env";
}

function badEntry({ backend }: ModelEntry, field: string): ApiError {
  return misconfigured(`models.json: a model of the backend "${backend}" needs "${field}".`);
}
