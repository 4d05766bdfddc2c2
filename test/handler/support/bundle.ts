import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import type { ModelTable } from "../../../templates/handler/models.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** The built-in function as it is packaged, in a folder of its own. */
export interface Bundle {
  readonly folder: string;
  readonly outputs: Metafile["outputs"];
  remove(): Promise<void>;
}

/** Bundles the function with the options of build.mjs and puts `table` beside it. */
export async function bundleHandler(table: ModelTable): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-handler-"));
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: ["templates/handler/index.ts"],
    outdir: folder,
    bundle: true,
    splitting: true,
    format: "esm",
    platform: "node",
    target: "node20",
    minify: true,
    legalComments: "none",
    mainFields: ["module", "main"],
    outExtension: { ".js": ".mjs" },
    banner: {
      js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
    },
    metafile: true,
  });
  await writeFile(join(folder, "models.json"), JSON.stringify(table));
  return { folder, outputs: metafile.outputs, remove: () => rm(folder, { recursive: true }) };
}

/** A copy of `bundle` that holds `files` and models.json only. */
export async function copyOf(bundle: Bundle, files: readonly string[]): Promise<Bundle> {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-handler-part-"));
  for (const file of [...files, "models.json"]) await cp(join(bundle.folder, file), join(folder, file));
  return { ...bundle, folder, remove: () => rm(folder, { recursive: true }) };
}
