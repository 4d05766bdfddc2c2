import { readFile } from "node:fs/promises";

import { resolve } from "node:path";
import { GatewayError, usageError } from "../errors.ts";
import { fileTrouble, hasCode } from "../fs-error.ts";
import type { Io } from "../io.ts";
import { parseJsonText, positionAt, repeatedName } from "./json-text.ts";
import type { Flags } from "./settings.ts";

export const CONFIG_FILE = "llm-gw.json";

/** The configuration file that is meant, whether it exists or not. */
export function configPath(flags: Flags, { cwd }: Pick<Io, "cwd">): string {
  return resolve(cwd, typeof flags.config === "string" ? flags.config : CONFIG_FILE);
}

/** A configuration file as it was read, unchecked. */
export interface ConfigFile {
  readonly value: object;
  /** `llm-gw.json:3:14`, where the value at `path` stands, or its name with `key`; without figures when it stands nowhere. */
  at(path: readonly PropertyKey[], key?: boolean): string;
}

/**
 * Reads a configuration file: JSON with comments and trailing commas.
 * @returns its object; undefined when the file does not exist and `required` is false
 * @throws GatewayError when it is missing though required, unreadable, or no JSON object, and when a name stands twice in an object
 */
export async function readConfigFile(path: string, required: boolean): Promise<ConfigFile | undefined> {
  const text = await readText(path, required);
  if (text === undefined) return undefined;
  const read = parseJsonText(text, { allowTrailingComma: true });
  if ("expected" in read) {
    throw usageError(
      `${path}:${read.line}:${read.column}: ${read.expected}`,
      "The file is JSON; // comments and trailing commas are allowed.",
    );
  }
  const { value } = read;
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usageError(`${path} is no JSON object`, 'It looks like { "name": "my-gateway" }.');
  }
  const again = repeatedName(text);
  if (again !== undefined) {
    const { line, column, path: name, firstLine } = again;
    const hint = `It is also in line ${firstLine}: keep one of them.`;
    throw usageError(`${path}:${line}:${column}: ${name.join(".")} is set twice`, hint);
  }
  return {
    value,
    at(where, key = false) {
      const position = positionAt(text, where, key);
      return position === undefined ? path : `${path}:${position.line}:${position.column}`;
    },
  };
}

async function readText(path: string, required: boolean): Promise<string | undefined> {
  try {
    return (await readFile(path, "utf8")).replace(/^\uFEFF/, "");
  } catch (error) {
    const isMissing = hasCode(error, "ENOENT");
    if (isMissing && !required) return undefined;
    if (isMissing) throw usageError(`${path} does not exist`, "Name an existing file with --config, or leave it out.");
    const reason = fileTrouble(error)?.reason;
    throw new GatewayError("ConfigUnreadable", `${path} cannot be read${reason === undefined ? "" : `: ${reason}`}`, {
      cause: error,
      exitCode: 2,
      hint: "Check that it is a file and that you may read it.",
    });
  }
}
