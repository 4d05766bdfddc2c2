// Where each setting may come from besides llm-gw.json.
import type { Io } from "../io.ts";

/** Options of the command line as commander gives them, by camel-cased flag. */
export type Flags = Readonly<Record<string, unknown>>;

interface Setting {
  readonly path: readonly [string, ...string[]];
  readonly flag: string;
  readonly env?: readonly string[];
  readonly number?: true;
}

export const SETTINGS: readonly Setting[] = [
  { path: ["name"], flag: "name", env: ["LLM_GW_NAME"] },
  { path: ["stage"], flag: "stage", env: ["LLM_GW_STAGE"] },
  { path: ["region"], flag: "region", env: ["AWS_REGION", "AWS_DEFAULT_REGION"] },
  { path: ["auth"], flag: "auth", env: ["LLM_GW_AUTH"] },
  { path: ["routes"], flag: "route" },
  { path: ["function", "code"], flag: "code", env: ["LLM_GW_CODE"] },
  { path: ["function", "runtime"], flag: "runtime", env: ["LLM_GW_RUNTIME"] },
  { path: ["function", "handler"], flag: "handler", env: ["LLM_GW_HANDLER"] },
  { path: ["function", "architecture"], flag: "architecture", env: ["LLM_GW_ARCHITECTURE"] },
  { path: ["function", "timeout"], flag: "timeout", env: ["LLM_GW_TIMEOUT"], number: true },
  { path: ["function", "memory"], flag: "memory", env: ["LLM_GW_MEMORY"], number: true },
];

export interface Override {
  readonly path: readonly [string, ...string[]];
  readonly value: unknown;
  /** For messages: "--memory" or "LLM_GW_MEMORY". */
  readonly source: string;
}

/** What flags and environment set, flags first. Numbers that are none stay text, for the schema to refuse. */
export function overrides(flags: Flags, env: Io["env"]): Override[] {
  return SETTINGS.flatMap(({ path, flag, env: names = [], number }): Override[] => {
    const name = names.find((candidate) => env[candidate]);
    const value = flags[flag] ?? (name === undefined ? undefined : env[name]);
    if (value === undefined) return [];
    const source = flags[flag] === undefined && name !== undefined ? name : `--${flag}`;
    const isNumeral = number && typeof value === "string" && /^\d+(\.\d+)?$/.test(value);
    return [{ path, value: isNumeral ? Number(value) : value, source }];
  });
}

/** The AWS profile that is used, if one is named. */
export function profileOf(flags: Flags, io: Pick<Io, "env">): string | undefined {
  return typeof flags.profile === "string" ? flags.profile : io.env.AWS_PROFILE || undefined;
}
