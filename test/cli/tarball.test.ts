import { execFile } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const run = promisify(execFile);

let folder: string;
/** Nothing of this process's environment but PATH; npm keeps its cache in the folder, and asks no registry. */
let env: NodeJS.ProcessEnv;
let installed: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llm-gw-tarball-"));
  env = {
    PATH: process.env.PATH,
    HOME: folder,
    npm_config_offline: "true",
    LLM_GW_LOCAL_PORT: String(await freePort()),
  };
  // The scripts would build dist/ anew while other tests use it.
  const pack = ["pack", "--ignore-scripts", "--json", "--pack-destination", folder];
  const [packed] = JSON.parse((await run("npm", pack, { cwd: root, env })).stdout);
  await writeFile(join(folder, "package.json"), "{}");
  await run("npm", ["install", `./${packed.filename}`], { cwd: folder, env });
  installed = join(folder, "node_modules", "llm-gw");
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function freePort(): Promise<number> {
  const server = createServer().listen(0, "127.0.0.1");
  await new Promise((resolve) => server.once("listening", resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (typeof address !== "object" || address === null) throw new Error("no port");
  return address.port;
}

const llmGw = (args: readonly string[], cwd = folder) => run("npx", ["--no-install", "llm-gw", ...args], { cwd, env });

test("the tarball is one package of at most 4 MB without dependencies and without a script that runs on installing", async () => {
  const lock = JSON.parse(await readFile(join(folder, "package-lock.json"), "utf8"));
  expect(Object.keys(lock.packages)).toEqual(["", "node_modules/llm-gw"]);
  expect(lock.packages["node_modules/llm-gw"]).not.toHaveProperty("hasInstallScript");
  const { scripts } = JSON.parse(await readFile(join(installed, "package.json"), "utf8"));
  // npm warns of the last one too when it installs from a file, though it does not run it.
  for (const name of ["preinstall", "install", "postinstall", "prepare"]) expect(scripts).not.toHaveProperty(name);
  const files = await readdir(installed, { recursive: true, withFileTypes: true });
  const sizes = files.filter((file) => file.isFile()).map((file) => stat(join(file.parentPath, file.name)));
  const bytes = (await Promise.all(sizes)).reduce((sum, { size }) => sum + size, 0);
  expect(bytes).toBeLessThanOrEqual(4_000_000);
});

test("it carries its own licence and those of what it bundles", async () => {
  expect(await readFile(join(installed, "LICENSE"), "utf8")).toContain("Apache License");
  const texts = await readFile(join(installed, "dist", "THIRD-PARTY-LICENSES.txt"), "utf8");
  for (const name of ["@aws-sdk/client-bedrock-runtime", "@smithy/core", "commander", "ora", "zod"]) {
    expect(texts).toMatch(new RegExp(`^${name} \\d`, "m"));
  }
});

test("deploys, invokes and destroys on the local AWS", async () => {
  try {
    const [url, ...lines] = (await llmGw(["deploy", "--local"])).stdout.split("\n");
    expect(url).toMatch(/^http:.*\/prod\/inference$/);
    expect(lines[0]).toMatch(/^LLM_GW_LOCAL_PORT=\d+ npx llm-gw invoke --local --prompt "Hello"$/);
    expect((await llmGw(["invoke", "--local", "--prompt", "Hello"])).stdout).toBe("[echo of the local AWS] Hello\n");
    await llmGw(["destroy", "--local", "--yes"]);
  } finally {
    await llmGw(["local", "stop"]);
  }
});

test("init's configuration leads editors to the schema that was installed", async () => {
  const project = join(folder, "project");
  await mkdir(project);
  await llmGw(["init"], project);
  const [, schema = ""] = /"\$schema": "(.*)"/.exec(await readFile(join(project, "llm-gw.json"), "utf8")) ?? [];
  expect(schema).toBe("../node_modules/llm-gw/llm-gw.schema.json");
});

test("TypeScript finds the types of the configuration and of the results, and the schema", async () => {
  await writeFile(
    join(folder, "use.mts"),
    `import type { Config, DeployResult } from "llm-gw";
     import schema from "llm-gw/llm-gw.schema.json" with { type: "json" };
     export const config: Config = { $schema: schema.$schema, function: { memory: 1024 }, auth: "none" };
     export const url = (result: DeployResult): string | null => result.endpoint;
     // @ts-expect-error: no such key
     export const wrong: Config = { nmae: "x" };
    `,
  );
  const options = ["--strict", "--noEmit", "--module", "nodenext", "--resolveJsonModule", "--types", ""];
  const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
  await run(process.execPath, [tsc, ...options, "use.mts"], { cwd: folder, env });
});
