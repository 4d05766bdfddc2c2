// Starts what bench/local-aws.mjs compares: the local AWS with a function on it, serverless-offline with the same one,
// and a bare server that calls it in its own process. Each is { url, pid, ... } and ended with stop().
import { execFileSync, spawn } from "node:child_process";
import { existsSync, mkdirSync, renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { get } from "node:http";
import { homedir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "..", "bin", "llm-gw.js");
const HANDLER = `exports.handler = async (event) => ({
  statusCode: 200,
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ path: event.rawPath, length: event.body.length }),
});
`;
const BARE = `const { createServer } = require("node:http");
const { handler } = require("./app/index.js");
createServer((request, response) => {
  const chunks = [];
  request.on("data", (chunk) => chunks.push(chunk));
  request.on("end", async () => {
    const event = { rawPath: request.url, body: Buffer.concat(chunks).toString() };
    const { statusCode, headers, body } = await handler(event);
    response.writeHead(statusCode, headers).end(body);
  });
}).listen(Number(process.argv[2]), "127.0.0.1");
`;
const CONFIG = {
  name: "bench",
  auth: "none",
  routes: ["POST /bench"],
  throttle: { rate: 10_000, burst: 5_000 },
  function: { code: "./app", runtime: "nodejs20.x", handler: "index.handler" },
};
const RIVALS = ["serverless@3.40.0", "serverless-offline@13.9.0", "autocannon@9.0.0"];

/** Waits until the URL answers, whatever it says. */
async function answered(url, method, limitMs) {
  for (const end = performance.now() + limitMs; ; ) {
    const ok = await new Promise((resolve) => {
      get(url, { method }, (response) => response.resume().on("end", () => resolve(true))).on("error", () =>
        resolve(false),
      );
    });
    if (ok) return;
    if (performance.now() > end) throw new Error(`${url} did not answer within ${limitMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}

/** A clean environment: what the shell of the one who measures adds must not count. */
export function cleanEnv(folder, more = {}) {
  return { PATH: process.env.PATH, HOME: folder, ...more };
}

function launch(args, options) {
  const child = spawn(process.execPath, args, options);
  const ended = new Promise((resolve) => child.once("exit", resolve));
  return { pid: child.pid, child, stop: () => child.kill() && ended };
}

/** An empty local AWS, and how long it took from its start to its first answer. */
export async function startLocalAws(folder, port) {
  const start = performance.now();
  const server = launch([PROGRAM, "local", "--port", String(port)], {
    cwd: folder,
    env: cleanEnv(folder),
    stdio: ["ignore", "pipe", "ignore"],
  });
  await answered(`http://127.0.0.1:${port}/_llm-gw/health`, "GET", 10_000);
  const readyMs = performance.now() - start;
  const printed = await new Promise((resolve) => server.child.stdout.once("data", resolve));
  const pairs = [...String(printed).matchAll(/([A-Z_]+)=(\S+)/g)].map(([, name, value]) => [name, value]);
  return { ...server, readyMs, env: cleanEnv(folder, Object.fromEntries(pairs)) };
}

/** Writes the function and its configuration into the folder. */
export function writeFunction(folder) {
  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app", "index.js"), HANDLER);
  writeFileSync(join(folder, "llm-gw.json"), JSON.stringify(CONFIG));
}

/** The URL of the function, deployed to the local AWS. */
export function deploy(folder, env) {
  const printed = execFileSync(process.execPath, [PROGRAM, "deploy", "--json"], { cwd: folder, env, stdio: "pipe" });
  return JSON.parse(printed).routes[0].url;
}

export async function startBare(folder, port) {
  writeFileSync(join(folder, "bare.cjs"), BARE);
  const server = launch([join(folder, "bare.cjs"), String(port)], { cwd: folder, stdio: "ignore" });
  const url = `http://127.0.0.1:${port}/bench`;
  await answered(url, "POST", 10_000);
  return { ...server, url };
}

export async function startServerlessOffline(folder, modules, port) {
  const custom = { "serverless-offline": { httpPort: port, lambdaPort: port + 1, noPrependStageInUrl: true } };
  const service = {
    service: "bench",
    frameworkVersion: "3",
    provider: { name: "aws", runtime: "nodejs20.x" },
    plugins: ["serverless-offline"],
    custom,
    functions: { bench: { handler: "app/index.handler", events: [{ httpApi: "POST /bench" }] } },
  };
  writeFileSync(join(folder, "serverless.json"), JSON.stringify(service));
  // It looks for its plugins beside the service.
  symlinkSync(modules, join(folder, "node_modules"));
  const server = launch([join(modules, "serverless", "bin", "serverless.js"), "offline", "start"], {
    cwd: folder,
    env: cleanEnv(folder, { SLS_TELEMETRY_DISABLED: "1", SLS_NOTIFICATIONS_MODE: "off" }),
    stdio: "ignore",
  });
  const url = `http://localhost:${port}/bench`;
  await answered(url, "POST", 60_000);
  return { ...server, url };
}

/** The folder with what is compared with and the load generator; installed once, outside the repository. */
export function installRivals() {
  const cache = join(process.env.XDG_CACHE_HOME ?? join(homedir(), ".cache"), "llm-gw-bench");
  const folder = join(cache, RIVALS.join("_"));
  if (!existsSync(folder)) {
    const part = `${folder}.part`;
    rmSync(part, { recursive: true, force: true });
    mkdirSync(part, { recursive: true });
    writeFileSync(join(part, "package.json"), "{}");
    process.stdout.write(`installing ${RIVALS.join(", ")} into ${cache}\n`);
    const args = ["install", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel", "error", ...RIVALS];
    try {
      execFileSync("npm", args, { cwd: part, stdio: ["ignore", "ignore", "inherit"] });
    } catch (cause) {
      throw new Error(`npm could not install ${RIVALS.join(", ")}: without them there is no load`, { cause });
    }
    renameSync(part, folder);
  }
  return join(folder, "node_modules");
}
