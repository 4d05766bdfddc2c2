import { readFileSync } from "node:fs";
import { isRecord } from "./json.ts";

/** The file `models.json` in the package's root: what each alias stands for. The deployer writes it. */
export interface ModelTable {
  readonly models: Readonly<Record<string, ModelEntry>>;
}

/**
 * One alias. `backend` names a file in backends/, and the other fields are that file's:
 * `{ "backend": "echo" }`, `{ "backend": "openai", "baseUrl": "https://...", "model": "..." }`,
 * `{ "backend": "bedrock", "model": "..." }`.
 */
export interface ModelEntry {
  readonly backend: string;
  readonly [field: string]: unknown;
}

/** The alias that answers a request which names no model. */
export const DEFAULT_ALIAS = "default";

/** Reads the model table. Throws when it is missing or malformed, so that the function fails at its start and not later. */
export function readModels(file: URL): ModelTable {
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isRecord(content) || !isRecord(content.models)) throw new Error('models.json must be an object with "models"');
  const models = Object.entries(content.models).map(([alias, entry]) => [alias, toEntry(alias, entry)] as const);
  return { models: Object.fromEntries(models) };
}

function toEntry(alias: string, entries: unknown): ModelEntry {
  const entry: unknown = Array.isArray(entries) ? entries[0] : entries;
  if (isRecord(entry) && typeof entry.backend === "string") return { ...entry, backend: entry.backend };
  throw new Error(`models.json: the alias "${alias}" names no backend`);
}
