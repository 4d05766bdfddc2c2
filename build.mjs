// Builds dist/: the command line, its commands (split, so that each loads only what it needs), the built-in function,
// and the programs the local AWS starts functions with.
import { cp, rm } from "node:fs/promises";
import { basename } from "node:path";
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

// commander can start other programs as subcommands. We have none, and loading child_process for it takes 5 ms of each start.
const noSubprograms = {
  name: "no-subprograms",
  setup(context) {
    const inCommander = /[\\/]node_modules[\\/]commander[\\/]/;
    context.onResolve({ filter: /^node:child_process$/ }, ({ importer }) =>
      inCommander.test(importer) ? { path: "none", namespace: "no-subprograms" } : undefined,
    );
    context.onLoad({ filter: /./, namespace: "no-subprograms" }, () => ({ contents: "module.exports = {};" }));
  },
};

// The command line itself is CommonJS, because Node's loader for ES modules takes 10 ms to start. What it imports
// dynamically is the other build's.
const commandsElsewhere = {
  name: "commands-elsewhere",
  setup(context) {
    context.onResolve({ filter: /^\.\.?\// }, ({ path, kind }) =>
      kind === "dynamic-import" ? { path: `./${basename(path, ".ts")}.mjs`, external: true } : undefined,
    );
  },
};
const commands = ["deploy", "destroy", "dev", "invoke", "local", "logs", "status"].map(
  (name) => `src/commands/${name}.ts`,
);

await rm("dist", { recursive: true, force: true });
await Promise.all([
  build({
    ...shared,
    entryPoints: ["src/cli.ts"],
    outdir: "dist",
    format: "cjs",
    splitting: false,
    outExtension: { ".js": ".cjs" },
    plugins: [noSubprograms, commandsElsewhere],
  }),
  build({
    ...shared,
    entryPoints: ["src/errors.ts", "src/explain.ts", "src/progress.ts", ...commands],
    entryNames: "[name]",
    outdir: "dist",
    banner: { js: requireShim },
  }),
  build({
    ...shared,
    entryPoints: ["templates/handler/index.ts"],
    outdir: "dist/handler",
    banner: { js: requireShim },
  }),
  cp("src/local/bootstrap", "dist/bootstrap", { recursive: true }),
]);
