import { readFile } from "node:fs/promises";
import type { Builtin } from "../config/builtin.ts";
import type { Gateway } from "../config.ts";
import { type Package, packageCode, packageZipWith } from "../package.ts";

/** The built-in function, zipped when this program was built; the same relative path from src/ and from dist/. */
const BUILTIN = new URL("../dist/handler.zip", import.meta.url);
const MODELS = "models.json";

/**
 * The package the function runs: the user's, or the built-in one. The built-in one, and a copy of it, gets the models it
 * may use. Throws a GatewayError for what is wrong with either.
 */
export async function packageFor({ function: { source } }: Gateway): Promise<Package> {
  const modelsOf = (builtin: Builtin) => Buffer.from(modelTable(builtin));
  if (source.kind === "builtin") return packageZipWith(await readFile(BUILTIN), MODELS, modelsOf(source));
  const { path, builtin } = source;
  return packageCode(path, source, builtin && new Map([[MODELS, modelsOf(builtin)]]));
}

/** The content of models.json. The same configuration gives the same bytes, whatever its order. */
function modelTable({ models, limits }: Builtin): string {
  const sorted = Object.entries(models).sort(([a], [b]) => (a < b ? -1 : 1));
  return JSON.stringify({ models: Object.fromEntries(sorted), limits });
}
