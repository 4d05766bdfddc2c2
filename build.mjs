// Builds dist/: the command line, its commands (split, so that each loads only what it needs), the built-in function,
// the programs the local AWS starts functions with, what init writes, and the licences of what is bundled.
import { cp, readFile, rm, writeFile } from "node:fs/promises";
import { basename } from "node:path";
import { build } from "esbuild";
import { writeHandlerTemplate } from "./build/handler-template.mjs";
import { writeHandlerZip } from "./build/handler-zip.mjs";
import { thirdPartyLicenses } from "./build/licenses.mjs";

const shared = {
  bundle: true,
  splitting: true,
  format: "esm",
  platform: "node",
  target: "node20",
  minify: true,
  // The texts are in THIRD-PARTY-LICENSES.txt.
  legalComments: "none",
  metafile: true,
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
const names = ["completion", "deploy", "destroy", "dev", "doctor", "init", "invoke", "list", "local", "logs", "status"];
const commands = names.map((name) => `src/commands/${name}.ts`);
const { version } = JSON.parse(await readFile("package.json", "utf8"));

await rm("dist", { recursive: true, force: true });
const bundles = await Promise.all([
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
    define: { LLM_GW_VERSION: JSON.stringify(version) },
    banner: { js: requireShim },
  }),
]);
await cp("src/local/bootstrap", "dist/bootstrap", { recursive: true });
await cp("templates/init", "dist/init", { recursive: true });
const vendorOptions = { ...shared, banner: { js: requireShim } };
await writeHandlerZip(vendorOptions, "dist/handler", "dist/handler.zip");
const vendored = await writeHandlerTemplate(vendorOptions, "dist/init/handler/handler", version);
await writeFile(
  "dist/THIRD-PARTY-LICENSES.txt",
  thirdPartyLicenses([...bundles.map(({ metafile }) => metafile), vendored]),
);
