// A TypeScript program of the tests as one file that processes of their own can run.
import { cp, mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const ROOT = join(import.meta.dirname, "../..");

/** Hands the path of the program to `work`, and removes it when that is done. */
export async function bundled(entry, work) {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-test-program-"));
  try {
    const program = join(folder, "worker.mjs");
    await build({
      entryPoints: [entry],
      outfile: program,
      bundle: true,
      format: "esm",
      platform: "node",
      target: "node20",
      mainFields: ["module", "main"],
      logLevel: "warning",
      banner: {
        js: 'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);',
      },
    });
    // Functions are started with it.
    await cp(join(ROOT, "src/local/bootstrap"), join(folder, "bootstrap"), { recursive: true });
    await work(program);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
