import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cp, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FunctionVersion } from "../../src/local/function-version.ts";
import { isAlive } from "../support/is-alive.ts";
import { isInstalled } from "../support/is-installed.ts";
import { functionOf } from "./function-fixture.ts";

// A program that runs functions as `llm-gw local` does: it ends properly when it is told to.
const HOST = `import { readFileSync } from "node:fs";
import { FunctionRuntime } from "./runtime.mjs";
const { fn, event } = JSON.parse(readFileSync(process.argv[2], "utf8"));
const runtime = new FunctionRuntime({ onLog() {} });
process.on("SIGTERM", () => runtime.close());
process.stdin.resume();
await runtime.invoke({ ...fn, zip: Buffer.from(fn.zip, "base64") }, Buffer.from(JSON.stringify(event)), "request");
`;

/** What the functions do: leave their pids, start a process of their own if they shall, and be idle, wait or spin. */
const node = {
  "index.js": `exports.handler = async ({ file, state }) => {
    const { spawn } = require("node:child_process");
    const own = spawn(process.execPath, ["-e", "setInterval(() => {}, 60000)"], { stdio: "ignore" });
    require("node:fs").writeFileSync(file, process.pid + " " + own.pid + "\\n");
    if (state === "waiting") await new Promise(() => setTimeout(() => {}, 600000));
    while (state === "spinning");
  };`,
};
const python = {
  "index.py": `import os, subprocess
def handler(event, context):
    own = subprocess.Popen(["sleep", "600"])
    with open(event["file"], "w") as file:
        file.write("%d %d\\n" % (os.getpid(), own.pid))
    while event["state"] != "idle":
        pass
`,
};

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
  // Bundled as the product is: everything in one folder, the bootstraps beside it.
  await build({
    entryPoints: ["src/local/runtime/function-runtime.ts"],
    outfile: join(folder, "runtime.mjs"),
    bundle: true,
    format: "esm",
    platform: "node",
    logLevel: "warning",
  });
  await cp("src/local/bootstrap", join(folder, "bootstrap"), { recursive: true });
  await writeFile(join(folder, "host.mjs"), HOST);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Starts the host with a function in a state, and waits for the pids of the function and of what it started. */
async function host(fn: FunctionVersion, state: string): Promise<{ child: ChildProcess; pids: number[] }> {
  const own = await mkdtemp(join(folder, "host-"));
  const file = join(own, "pids");
  const config = join(own, "config.json");
  await writeFile(
    config,
    JSON.stringify({ fn: { ...fn, zip: Buffer.from(fn.zip).toString("base64") }, event: { file, state } }),
  );
  const child = spawn(process.execPath, [join(folder, "host.mjs"), config], {
    stdio: ["pipe", "inherit", "inherit"],
    env: { ...process.env, TMPDIR: own },
  });
  const written = () =>
    readFile(file, "utf8").then((text) => (text.endsWith("\n") ? text : Promise.reject(new Error())));
  const pids = (await vi.waitFor(written, { timeout: 30_000 })).split(" ").map(Number);
  return { child, pids };
}

const nodeFunction = functionOf(node, { timeoutSeconds: 600 });
const pythonFunction = functionOf(python, { timeoutSeconds: 600, runtime: "python3.13" });

describe.each([
  ["Node.js", "node", nodeFunction, ["idle", "waiting", "spinning"]],
  ["Python", "python3", pythonFunction, ["idle", "spinning"]],
] as const)("a function in %s", (_language, program, fn, states) => {
  const signals = ["SIGKILL", "SIGTERM"] as const;
  const cases = states.flatMap((state) => signals.map((signal) => [state, signal] as const));

  it.skipIf(!isInstalled(program)).each(cases)(
    "that is %s ends with %s of its server, and so does what it started",
    async (state, signal) => {
      const { child, pids } = await host(fn, state);
      const ended = once(child, "close");
      try {
        expect(pids.map(isAlive)).toEqual([true, true]);
        child.kill(signal);
        await vi.waitUntil(() => !pids.some(isAlive), { timeout: 20_000 });
      } finally {
        child.stdin?.end();
        child.kill("SIGKILL");
        await ended;
      }
    },
  );
});
