import { readFile } from "node:fs/promises";
import { resolve } from "node:path";
import { type ParseError, parse, printParseErrorCode } from "jsonc-parser";
import { GatewayError, usageError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Flags } from "./settings.ts";

/** The configuration file that is meant, whether it exists or not. */
export function configPath(flags: Flags, { cwd }: Pick<Io, "cwd">): string {
  return resolve(cwd, typeof flags.config === "string" ? flags.config : "llm-gw.json");
}

/**
 * Reads a configuration file: JSON with comments and trailing commas.
 * @returns its object; undefined when the file does not exist and `required` is false
 * @throws GatewayError when it is missing though required, unreadable, or no JSON object
 */
export async function readConfigFile(path: string, required: boolean): Promise<object | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    const isMissing = error instanceof Error && "code" in error && error.code === "ENOENT";
    if (isMissing && !required) return undefined;
    if (isMissing) throw usageError(`${path} does not exist`, "Name an existing file with --config, or leave it out.");
    throw new GatewayError("ConfigUnreadable", `${path} cannot be read`, {
      cause: error,
      exitCode: 2,
      hint: "Check that it is a file and that you may read it.",
    });
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text.replace(/^\uFEFF/, ""), errors, { allowTrailingComma: true });
  const [first] = errors;
  if (first !== undefined) {
    const before = text.slice(0, first.offset).split("\n");
    const column = (before.at(-1)?.length ?? 0) + 1;
    throw usageError(
      `${path}:${before.length}:${column}: ${printParseErrorCode(first.error)}`,
      "The file is JSON; // comments and trailing commas are allowed.",
    );
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw usageError(`${path} is no JSON object`, 'It looks like { "name": "my-gateway" }.');
  }
  return value;
}
