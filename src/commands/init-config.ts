// What of the configuration that `init` writes depends on the folder: the gateway's name, and the way to the schema.
import { access, readFile, writeFile } from "node:fs/promises";
import { basename, dirname, isAbsolute, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rememberedGateways } from "../state.ts";

/** As in the templates, and as without a configuration. */
const DEFAULT_NAME = "llm-gw";
/** Leaves a stage and a region of the 64 characters that the role's name may have [aws 3.1]. */
const NAME_LENGTH = 32;

const SCHEMA = fileURLToPath(new URL("../llm-gw.schema.json", import.meta.url));
const INSTALLED_SCHEMA = "node_modules/llm-gw/llm-gw.schema.json";
/** As in the templates. */
const SCHEMA_LINES = `  // Lets editors complete and check this file.
  "$schema": "./${INSTALLED_SCHEMA}",`;
const LATER_SCHEMA_LINES = `  // Lets editors complete and check this file, once llm-gw is installed in the project.
  // "$schema": "./${INSTALLED_SCHEMA}",`;

/** Fills in a template's configuration for a folder. */
export async function fillIn(config: string, folder: string): Promise<void> {
  const text = await readFile(config, "utf8");
  const [name, schema] = await Promise.all([gatewayName(folder), schemaPath(folder, SCHEMA)]);
  // A path that leads nowhere is an error in every editor.
  const schemaLines = schema === undefined ? LATER_SCHEMA_LINES : SCHEMA_LINES.replace(`./${INSTALLED_SCHEMA}`, schema);
  await writeFile(
    config,
    text.replace(SCHEMA_LINES, () => schemaLines).replace(`"name": "${DEFAULT_NAME}"`, `"name": "${name}"`),
  );
}

/**
 * The folder's, so that two projects do not meet; but what was deployed from here to AWS without a name stays the same
 * gateway. The local AWS forgets by itself.
 */
async function gatewayName(folder: string): Promise<string> {
  const remembered = await rememberedGateways(folder);
  return remembered.some(({ name, local }) => !local && name === DEFAULT_NAME)
    ? DEFAULT_NAME
    : nameAfter(basename(folder));
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
 * How a configuration in `folder` names the schema: by a path that exists, and is the same for everybody who works on the
 * project: in a node_modules there or above, whatever that links to, or in the project itself. Undefined where npx, a clone or
 * a global installation runs, whose paths are this machine's alone.
 * @param schema the running program's own
 */
export async function schemaPath(folder: string, schema: string): Promise<string | undefined> {
  let prefix = "./";
  for (let above = folder; ; above = dirname(above)) {
    if (await exists(join(above, INSTALLED_SCHEMA))) return `${prefix}${INSTALLED_SCHEMA}`;
    if (dirname(above) === above) break;
    prefix = prefix === "./" ? "../" : `../${prefix}`;
  }
  const path = relative(folder, schema).replaceAll(sep, "/");
  // On Windows, there is no relative path to another drive.
  const isInside = !isAbsolute(path) && !path.startsWith("../") && !path.includes("node_modules/");
  return isInside ? `./${path}` : undefined;
}

function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
