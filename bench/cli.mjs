// How quickly the command line starts, against `node -e 0`, and how long its installation takes: from the tarball, as
// users have it. Turn by turn, so that whatever else the machine does slows all of them alike.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const ROUNDS = 31;
const INSTALLS = 5;
const PORT = "4595";
const HEALTH = "/_llm-gw/health";
const STATUS_CALLS = "13";

const root = join(import.meta.dirname, "..");
const folder = mkdtempSync(join(tmpdir(), "llm-gw-bench-"));
const env = { PATH: process.env.PATH, HOME: folder, npm_config_offline: "true", LLM_GW_LOCAL_PORT: PORT };
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs a program to its end. */
function run(program, args, cwd = folder) {
  const start = performance.now();
  const child = spawnSync(program, args, { cwd, env, encoding: "utf8" });
  const ms = performance.now() - start;
  if (child.status !== 0) throw new Error(`${args.join(" ")} ended with ${child.status}: ${child.stderr}`);
  return { ms, stdout: child.stdout };
}

function line(title, figure, bar, met) {
  process.stdout.write(`${title.padEnd(46)} ${figure}  (bar: ${bar})${met ? "" : "  MISSED"}\n`);
  if (!met) process.exitCode = 1;
}

/** Bundles the calls of `status` without the rest of it, as the command line is bundled; gives the program. */
async function bareCalls() {
  const banner = 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);';
  await build({
    ...{ bundle: true, splitting: true, minify: true, format: "esm", platform: "node", target: "node20" },
    mainFields: ["module", "main"],
    entryPoints: [join(import.meta.dirname, "cli-calls.mjs")],
    outdir: join(folder, "calls"),
    outExtension: { ".js": ".mjs" },
    banner: { js: banner },
    logLevel: "error",
  });
  return join(folder, "calls", "cli-calls.mjs");
}

/** The package as it is installed, and the time that takes. */
function install() {
  const { stdout } = run("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", folder], root);
  const [{ filename }] = JSON.parse(stdout);
  const times = Array.from({ length: INSTALLS }, (_, i) => {
    const target = join(folder, String(i));
    mkdirSync(target);
    writeFileSync(join(target, "package.json"), "{}");
    return run("npm", ["install", join(folder, filename)], target).ms;
  });
  const ms = median(times);
  line("install from the tarball", `${(ms / 1000).toFixed(2)} s`, "1.5 s", ms <= 1500);
  return join(folder, "0", "node_modules", "llm-gw", "bin", "llm-gw.js");
}

/** The time of one round trip to the local AWS. */
async function roundTrip() {
  const start = performance.now();
  await (await fetch(`http://127.0.0.1:${PORT}${HEALTH}`)).arrayBuffer();
  return performance.now() - start;
}

async function starts(program, apiId) {
  const commands = {
    bare: ["-e", "0"],
    help: [program, "--help"],
    version: [program, "--version"],
    status: [program, "status", "--local"],
    calls: [await bareCalls(), `http://127.0.0.1:${PORT}`, apiId],
    requests: [join(import.meta.dirname, "cli-requests.mjs"), `http://127.0.0.1:${PORT}${HEALTH}`, STATUS_CALLS],
  };
  const times = { roundTrip: [], ...Object.fromEntries(Object.keys(commands).map((name) => [name, []])) };
  for (let i = 0; i < ROUNDS; i++) {
    for (const [name, args] of Object.entries(commands)) times[name].push(run(process.execPath, args).ms);
    times.roundTrip.push(await roundTrip());
  }
  const bare = median(times.bare);
  for (const [name, title, most, extra] of [
    ["help", "--help", 1.5, 0],
    ["version", "--version", 1.5, 0],
    ["status", "status, everything unchanged", 2.5, median(times.roundTrip)],
  ]) {
    const ms = median(times[name]);
    const ratio = (ms - extra) / bare;
    const plus = extra === 0 ? "" : ` + a round trip of ${extra.toFixed(1)} ms`;
    line(title, `${ms.toFixed(0)} ms = ${ratio.toFixed(2)} x node -e 0${plus}`, `${most} x`, ratio <= most);
  }
  for (const [name, title] of [
    ["calls", `the same ${STATUS_CALLS} calls of the SDK, in a bare script`],
    ["requests", `${STATUS_CALLS} requests without the SDK, in a bare script`],
  ]) {
    const ms = median(times[name]);
    process.stdout.write(`  ${title.padEnd(48)} ${ms.toFixed(0)} ms = ${(ms / bare).toFixed(2)} x node -e 0\n`);
  }
}

let server;
try {
  const program = install();
  server = spawn(process.execPath, [program, "local"], { cwd: folder, env, stdio: ["ignore", "pipe", "ignore"] });
  await once(server.stdout, "data");
  const { stdout } = run(process.execPath, [program, "deploy", "--local", "--json"]);
  const [, apiId] = /execute-api\/(\w+)/.exec(JSON.parse(stdout).endpoint);
  await starts(program, apiId);
} finally {
  server?.kill();
  rmSync(folder, { recursive: true, force: true });
}
