// The main job on the local AWS: 60 ms added to each call, roles assumable after 5 s, functions active after 1 s.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const PROGRAM = join(import.meta.dirname, "..", "bin", "llm-gw.js");
const LATENCY_MS = 60;
const folder = mkdtempSync(join(tmpdir(), "llm-gw-bench-"));

const server = spawn(
  process.execPath,
  [
    PROGRAM,
    "local",
    "--port",
    "4591",
    "--latency",
    `${LATENCY_MS}`,
    "--role-delay",
    "5000",
    "--function-delay",
    "1000",
  ],
  { stdio: ["ignore", "pipe", "ignore"] },
);
const [printed] = await once(server.stdout, "data");
const env = { PATH: process.env.PATH, HOME: folder };
for (const [, name, value] of String(printed).matchAll(/([A-Z_]+)=(\S+)/g)) env[name] = value;

/** Runs a program to its end. */
function run(args) {
  const startedAt = Date.now();
  const start = performance.now();
  const child = spawnSync(process.execPath, args, { cwd: folder, env, encoding: "utf8" });
  const ms = performance.now() - start;
  if (child.status !== 0) throw new Error(`${args.join(" ")} ended with ${child.status}: ${child.stderr}`);
  return { ms, startedAt, stdout: child.stdout };
}

/** Peak memory of one run, in MB of 1,000,000 bytes. */
function peakMemory(args) {
  const hook = join(folder, "rss.cjs");
  writeFileSync(hook, 'process.on("exit", () => console.error("maxRSS", process.resourceUsage().maxRSS));');
  const child = spawnSync(process.execPath, ["--require", hook, ...args], { cwd: folder, env, encoding: "utf8" });
  return (Number(/maxRSS (\d+)\s*$/.exec(child.stderr)?.[1]) * 1024) / 1e6;
}

const admin = (method) => fetch(`${env.AWS_ENDPOINT_URL}/_llm-gw/calls`, { method }).then((answer) => answer.json());

/** One command against the local AWS: in all, until its first call arrived there, and its calls. */
async function command(...args) {
  await admin("DELETE");
  const { ms, startedAt, stdout } = run([PROGRAM, ...args, "--json"]);
  const calls = await admin("GET");
  const start = Math.min(...calls.map(({ atMs }) => atMs)) - startedAt;
  return { ms, start, rest: ms - start, ...JSON.parse(stdout).calls };
}

const middle = (runs) => runs.toSorted((a, b) => a.rest - b.rest)[Math.floor(runs.length / 2)];

function line(title, figure, bar, met) {
  process.stdout.write(`${title.padEnd(46)} ${figure}  (bar: ${bar})${met ? "" : "  MISSED"}\n`);
  if (!met) process.exitCode = 1;
}

function job(title, { ms, start, rest, total, mutating }, bar) {
  const figure = `${Math.round(ms)} ms = ${Math.round(start)} ms start + ${Math.round(rest)} ms, ${total} calls, ${mutating} of them writes`;
  line(title, figure, `start + ${bar} ms`, rest <= bar);
}

try {
  const first = [];
  const again = [];
  const destroyed = [];
  for (let i = 0; i < 3; i++) {
    first.push(await command("deploy"));
    for (let j = 0; j < 5; j++) again.push(await command("deploy"));
    destroyed.push(await command("destroy", "--yes"));
  }
  job("first deploy", middle(first), 7500);
  job("unchanged deploy", middle(again), 3 * LATENCY_MS);
  job("destroy", middle(destroyed), 5 * LATENCY_MS);

  mkdirSync(join(folder, "app"));
  writeFileSync(join(folder, "app", "index.js"), "exports.handler = async () => ({});");
  for (let i = 0; i < 100; i++) writeFileSync(join(folder, "app", `part-${i}.bin`), randomBytes(10_000));
  const own = ["--code", "app", "--runtime", "nodejs24.x", "--handler", "index.handler", "--name", "own"];
  const peak = peakMemory([PROGRAM, "deploy", ...own]);
  line("deploy of a 1 MB folder, peak memory", `${peak.toFixed(0)} MB RSS`, "110 MB", peak <= 110);
} finally {
  server.kill();
  rmSync(folder, { recursive: true, force: true });
}
