import { existsSync, readFileSync } from "node:fs";
import { ApiError } from "./errors.ts";
import { isRecord } from "./json.ts";

/** The file `models.json` in the package's root: what each alias stands for, and what one request may take. The deployer writes it. */
export interface ModelTable {
  /** The backends of each alias, in the order in which they are tried. */
  readonly models: Readonly<Record<string, readonly ModelEntry[]>>;
  readonly limits: Limits;
}

/**
 * One backend of an alias. `backend` names a file in backends/, and the other fields are that file's:
 * `{ "backend": "echo" }`, `{ "backend": "openai", "baseUrl": "https://...", "model": "...", "key"?: {...} }`,
 * `{ "backend": "bedrock", "model": "..." }`.
 */
export interface ModelEntry {
  readonly backend: string;
  readonly [field: string]: unknown;
}

export interface Limits {
  /** Tokens of an answer, for a request that names no limit. */
  readonly defaultMaxTokens: number;
  /** The most tokens a request may ask for. */
  readonly maxTokens: number;
  /** UTF-8 bytes of a request's messages, tools and settings. */
  readonly promptBytes: number;
}

/** The alias that answers a request which names no model. */
export const DEFAULT_ALIAS = "default";

/** Reads the model table. Throws when it is missing or malformed, so that the function fails at its start and not later. */
export function readModels(file: URL): ModelTable {
  // A copy of this code that the command line packages as any other function is given no models.json.
  if (!existsSync(file)) throw new Error('models.json is missing: put "models" (it may be empty) into llm-gw.json');
  const content: unknown = JSON.parse(readFileSync(file, "utf8"));
  if (!isRecord(content) || !isRecord(content.models)) throw new Error('models.json must be an object with "models"');
  const models = Object.entries(content.models).map(([alias, entries]) => [alias, toEntries(alias, entries)] as const);
  return { models: Object.fromEntries(models), limits: toLimits(content.limits) };
}

function toEntries(alias: string, entries: unknown): ModelEntry[] {
  if (!Array.isArray(entries) || entries.length === 0) throw new Error(`models.json: the alias "${alias}" has no list`);
  return entries.map((entry: unknown) => {
    if (isRecord(entry) && typeof entry.backend === "string") return { ...entry, backend: entry.backend };
    throw new Error(`models.json: the alias "${alias}" names no backend`);
  });
}

function toLimits(limits: unknown): Limits {
  return {
    defaultMaxTokens: limit(limits, "defaultMaxTokens"),
    maxTokens: limit(limits, "maxTokens"),
    promptBytes: limit(limits, "promptBytes"),
  };
}

function limit(limits: unknown, name: keyof Limits): number {
  const value = isRecord(limits) ? limits[name] : undefined;
  if (typeof value === "number" && value > 0) return value;
  throw new Error(`models.json: limits.${name} must be a number above 0`);
}

/** What a model's name may look like, for the log: whatever else stands in its place may be any text of the caller's. */
const NAME = /^[\w.:/@+-]{1,128}$/;

/** The backends of an alias. Throws an `ApiError` (404) that lists the aliases when there is none of that name. */
export function candidatesOf({ models }: ModelTable, alias: string): readonly ModelEntry[] {
  const candidates = Object.hasOwn(models, alias) ? models[alias] : undefined;
  if (candidates !== undefined) return candidates;
  const message = `There is no model of that name; there is: ${Object.keys(models).join(", ")}.`;
  const reason = NAME.test(alias) ? `no alias ${alias}` : "no name of a model";
  throw new ApiError(404, "model_not_found", message, { param: "model", reason });
}
