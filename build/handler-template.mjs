// Turns the built-in function into what `llm-gw init --template handler` writes: JavaScript with its comments, one file
// for each module, which runs as it is, without a build and without an installation.
import { execFile } from "node:child_process";
import { readdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join, relative } from "node:path";
import { promisify } from "node:util";
import { build } from "esbuild";
import { thirdPartyLicenses } from "./licenses.mjs";

const packages = join(import.meta.dirname, "..", "node_modules");
/** Runs the program of a package, which is a script of Node. */
const run = (program, ...args) => promisify(execFile)(process.execPath, [join(packages, program), ...args]);
const NAMED_IMPORT = /import \{([^}]*)\} from "([^"]+)"/g;
/** References to notes that whoever edits the function does not have. */
const REFERENCE = / *\/\/ \[(?:aws|gateway) [^\]]*\]\n| \[(?:aws|gateway) [^\]]*\]/g;

/**
 * @param shared options of esbuild for everything that is bundled
 * @param folder where the function's files go
 * @param version takes the place of LLM_GW_VERSION
 * @returns esbuild's metafile of the packages in vendor/
 */
export async function writeHandlerTemplate(shared, folder, version) {
  await run("typescript/bin/tsc", "-p", "templates/handler", "--outDir", folder);
  /** The packages that are imported, with what is imported of them. */
  const vendored = new Map();
  for (const name of await readdir(folder, { recursive: true })) {
    if (name.endsWith(".js")) await rewrite(folder, join(folder, name), vendored, version);
  }
  await run("@biomejs/biome/bin/biome", "format", "--write", "--vcs-enabled=false", folder);
  const { metafile } = await build({
    ...shared,
    entryPoints: Array.from(vendored.keys(), (module) => ({ in: `vendor:${module}`, out: fileName(module, "") })),
    outdir: join(folder, "vendor"),
    outExtension: { ".js": ".js" },
    plugins: [reexports(vendored)],
  });
  await writeFile(join(folder, "vendor", "LICENSES.txt"), thirdPartyLicenses([metafile]));
  return metafile;
}

/** Lets a file import packages from vendor/, and removes it when only types were in it. */
async function rewrite(folder, path, vendored, version) {
  const code = await readFile(path, "utf8");
  if (code.trim() === "export {};") return rm(path);
  const described = code.replaceAll(REFERENCE, "").replaceAll("LLM_GW_VERSION", JSON.stringify(version));
  const rewritten = described.replaceAll(NAMED_IMPORT, (all, list, module) => {
    if (/^(\.|node:)/.test(module)) return all;
    const names = list.split(",").map((name) => name.trim());
    vendored.set(module, new Set([...(vendored.get(module) ?? []), ...names.filter((name) => name !== "")]));
    const target = relative(dirname(path), join(folder, "vendor", fileName(module)));
    return `import {${list}} from "${target.startsWith(".") ? target : `./${target}`}"`;
  });
  const left = /(?:from|import\() ?"(?!\.|node:)([^"]+)"/.exec(rewritten);
  if (left !== null) throw new Error(`${path} imports ${left[1]} otherwise than by names: it would not be found`);
  await writeFile(path, rewritten);
}

/** `@scope/name` as a file: `scope-name.js`. */
function fileName(module, ending = ".js") {
  return module.replace(/^@/, "").replaceAll("/", "-") + ending;
}

/** Modules that export of a package just what the function imports, so that the rest of it is left out. */
function reexports(vendored) {
  return {
    name: "reexports",
    setup(context) {
      context.onResolve({ filter: /^vendor:/ }, ({ path }) => ({
        path: path.slice("vendor:".length),
        namespace: "vendor",
      }));
      context.onLoad({ filter: /./, namespace: "vendor" }, ({ path }) => ({
        contents: `export { ${[...vendored.get(path)].join(", ")} } from "${path}";`,
        resolveDir: join(import.meta.dirname, ".."),
      }));
    },
  };
}
