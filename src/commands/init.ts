import { cp, lstat, mkdtemp, readdir, readFile, rename, rm, writeFile } from "node:fs/promises";
import { basename, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { CONFIG_FILE } from "../config/read-file.ts";
import type { Flags } from "../config/settings.ts";
import { GatewayError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { rememberedGateways } from "../state.ts";
import { gatewayLine } from "./endpoint.ts";

/** One folder for each template, as it is written; the same relative path from dist/. */
const TEMPLATES = fileURLToPath(new URL("../dist/init/", import.meta.url));
const SCHEMA = fileURLToPath(new URL("../llm-gw.schema.json", import.meta.url));
/** As in the templates, and as without a configuration. */
const DEFAULT_NAME = "llm-gw";
/** Leaves a stage and a region of the 64 characters that the role's name may have [aws 3.1]. */
const NAME_LENGTH = 32;
const INSTALLED_SCHEMA = "./node_modules/llm-gw/llm-gw.schema.json";

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

/** Puts what depends on the folder into a configuration. */
async function fillIn(config: string, folder: string): Promise<void> {
  const text = await readFile(config, "utf8");
  const name = await gatewayName(folder);
  await writeFile(
    config,
    text
      .replace(INSTALLED_SCHEMA, schemaPath(folder, SCHEMA))
      .replace(`"name": "${DEFAULT_NAME}"`, `"name": "${name}"`),
  );
}

/** The folder's, so that two projects do not meet; but what was deployed from here without a name stays the same gateway. */
async function gatewayName(folder: string): Promise<string> {
  const remembered = await rememberedGateways(folder);
  return remembered.some(({ name }) => name === DEFAULT_NAME) ? DEFAULT_NAME : nameAfter(basename(folder));
}

/** `Büro 2` -> `buro-2`: small letters, digits and single hyphens, beginning with a letter; else the default. */
function nameAfter(folder: string): string {
  const name = folder
    .normalize("NFKD")
    .replaceAll(/\p{Mark}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, "-")
    .replace(/^[^a-z]+/, "")
    .slice(0, NAME_LENGTH)
    .replace(/-$/, "");
  return name === "" ? DEFAULT_NAME : name;
}

/**
 * How a configuration in `folder` names the program's schema: by a path that is the same for everybody who works on the
 * project, inside it or in a node_modules above. Where npx, a clone or a global installation runs, it names what an
 * installation into the project will bring.
 */
export function schemaPath(folder: string, schema: string): string {
  const path = relative(folder, schema).replaceAll(sep, "/");
  if (/^(\.\.\/)*node_modules\//.test(path)) return path.startsWith(".") ? path : `./${path}`;
  // On Windows, there is no relative path to another drive.
  const isInside = !isAbsolute(path) && !path.startsWith("../") && !path.includes("node_modules/");
  return isInside ? `./${path}` : INSTALLED_SCHEMA;
}
