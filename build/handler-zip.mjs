// The built-in function as a zip, made once: a deploy adds only its models.json, and whatever zlib the user's Node has, the
// same version of this program uploads the same bytes.
import { mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";

/**
 * @param shared options of esbuild for everything that is bundled
 * @param folder the built-in function's files
 * @param path where the zip goes
 */
export async function writeHandlerZip(shared, folder, path) {
  const files = new Map();
  for (const name of await readdir(folder)) files.set(name, await readFile(join(folder, name)));
  const temporary = await mkdtemp(join(tmpdir(), "llm-gw-build-"));
  try {
    const program = join(temporary, "package.mjs");
    await build({ ...shared, entryPoints: ["src/package.ts"], splitting: false, outfile: program });
    const { packageFiles } = await import(pathToFileURL(program).href);
    const { zip } = await packageFiles(files);
    await writeFile(path, zip);
  } finally {
    await rm(temporary, { recursive: true });
  }
}
