// Builds dist/: the command line (bundled and split, so that a command loads only what it needs),
// the built-in function, and the programs the local AWS starts functions with.
import { cp, rm } from "node:fs/promises";
import { build } from "esbuild";

const shared = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minify: true,
  legalComments: "none",
  mainFields: ["module", "main"],
  outExtension: { ".js": ".mjs" },
  logLevel: "warning",
};
// Some CommonJS dependencies call require() for Node's own modules.
const requireShim =
  'import { createRequire as __createRequire } from "node:module"; const require = __createRequire(import.meta.url);';

await rm("dist", { recursive: true, force: true });
await Promise.all([
  build({ ...shared, entryPoints: ["src/cli.ts"], outdir: "dist", banner: { js: requireShim } }),
  build({
    ...shared,
    entryPoints: ["templates/handler/index.ts"],
    outdir: "dist/handler",
    banner: { js: requireShim },
  }),
  cp("src/local/bootstrap", "dist/bootstrap", { recursive: true }),
]);
