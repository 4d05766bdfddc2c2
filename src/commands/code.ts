import { readdir, readFile } from "node:fs/promises";
import type { Gateway } from "../config.ts";
import { type Package, packageCode, packageFiles } from "../package.ts";

/** The bundled built-in function; the same relative path from src/ and from dist/. */
const BUILTIN = new URL("../dist/handler/", import.meta.url);

const LIMITS = { defaultMaxTokens: 1024, maxTokens: 8192, promptBytes: 1_048_576 };

/** The package the function runs: the user's, or the built-in one with the models it may use. */
export async function packageFor({ function: { source } }: Gateway): Promise<Package> {
  if (source.kind === "code") return packageCode(source.path, source);
  const files = new Map<string, Buffer>();
  for (const name of await readdir(BUILTIN)) files.set(name, await readFile(new URL(name, BUILTIN)));
  const models = Object.fromEntries(Object.entries(source.models).map(([alias, model]) => [alias, [model]]));
  files.set("models.json", Buffer.from(JSON.stringify({ models, limits: LIMITS })));
  return packageFiles(files);
}
