import { cp, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Metafile } from "esbuild";
import type { Limits, ModelEntry, ModelTable } from "../../../templates/handler/models.ts";

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** What the bundled function says of itself. */
export const VERSION = "1.2.3-test";

/** The limits of a function whose configuration has none. */
const LIMITS = { defaultMaxTokens: 1024, maxTokens: 8192, promptBytes: 1_048_576 };

/** The built-in function as it is packaged, in a folder of its own. */
export interface Bundle {
  readonly folder: string;
  readonly outputs: Metafile["outputs"];
  remove(): Promise<void>;
}

/** A table with these backends by alias, one each or a list. */
export function tableOf(
  models: Readonly<Record<string, ModelEntry | readonly ModelEntry[]>>,
  limits: Partial<Limits> = {},
): ModelTable {
  const lists = Object.entries(models).map(([alias, entry]) => [alias, [entry].flat()] as const);
  return { models: Object.fromEntries(lists), limits: { ...LIMITS, ...limits } };
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
    define: { LLM_GW_VERSION: JSON.stringify(VERSION) },
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
