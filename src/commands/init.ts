import { cp, lstat, mkdtemp, readdir, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { CONFIG_FILE } from "../config/read-file.ts";
import type { Flags } from "../config/settings.ts";
import { GatewayError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { gatewayLine } from "./command-lines.ts";
import { fillIn } from "./init-config.ts";

/** One folder for each template, as it is written; the same relative path from dist/. */
const TEMPLATES = fileURLToPath(new URL("../dist/init/", import.meta.url));

export interface InitResult {
  /** What was written into the current folder: files, and folders with a slash at the end. */
  readonly files: readonly string[];
  /** The command that tries it. */
  readonly next: string;
  /** For people: the next command. */
  readonly lines: readonly string[];
}

/**
 * Writes a configuration and, with `--template`, a function into the current folder: everything or nothing.
 * @throws GatewayError AlreadyExists, naming what is there already
 */
export async function init(flags: Flags, io: Io, progress: Progress): Promise<InitResult> {
  const template = join(TEMPLATES, typeof flags.template === "string" ? flags.template : "builtin");
  const entries = await readdir(template, { withFileTypes: true });
  for (const { name } of entries) await refuseExisting(join(io.cwd, name), name);
  // Renamed into place only when it is complete, on the same file system.
  const staged = await mkdtemp(join(io.cwd, ".llm-gw-init-"));
  const placed: string[] = [];
  try {
    await cp(template, staged, { recursive: true });
    await fillIn(join(staged, CONFIG_FILE), io.cwd);
    for (const { name } of entries) {
      await rename(join(staged, name), join(io.cwd, name));
      placed.push(name);
    }
  } catch (error) {
    for (const name of placed) await rm(join(io.cwd, name), { recursive: true });
    throw error;
  } finally {
    await rm(staged, { recursive: true, force: true });
  }
  const files = entries.map((entry) => (entry.isDirectory() ? `${entry.name}/` : entry.name));
  for (const file of files) progress.line(`+ ${file}`);
  const next = gatewayLine("deploy", "", { local: true }, io);
  return { files, next, lines: [next] };
}

async function refuseExisting(path: string, name: string): Promise<void> {
  const exists = await lstat(path).then(
    () => true,
    () => false,
  );
  if (!exists) return;
  throw new GatewayError("AlreadyExists", `${name} exists already; nothing was written`, {
    hint: "Move it away, or run llm-gw init in another folder.",
  });
}
