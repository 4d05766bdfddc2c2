// The local AWS under load: one Node.js function behind its HTTP API, against serverless-offline in its default mode and
// a bare node:http server that calls the same handler in its own process. All in one run, turn by turn.
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  deploy,
  installRivals,
  startBare,
  startLocalAws,
  startServerlessOffline,
  writeFunction,
} from "./local-aws-servers.mjs";

const PORT = 4593;
const CONNECTIONS = 32;
const SECONDS = 8;
const ROUNDS = 5;
const STARTS = 11;

const folder = mkdtempSync(join(tmpdir(), "llm-gw-bench-"));
const running = [];
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A figure without a bar has no `met`. */
function line(title, figure, bar, met = true) {
  process.stdout.write(
    `${title.padEnd(46)} ${figure}${bar === undefined ? "" : `  (bar: ${bar})`}${met ? "" : "  MISSED"}\n`,
  );
  if (!met) process.exitCode = 1;
}

/** Memory of the process, and of it with all it started, in MB of 1,000,000 bytes. */
function memory(pid) {
  const rows = execFileSync("ps", ["-A", "-o", "pid=,ppid=,rss="], { encoding: "utf8" }).trim().split("\n");
  const all = rows.map((row) => row.trim().split(/\s+/).map(Number));
  const of = (id) => all.filter(([own]) => own === id).reduce((sum, [, , rss]) => sum + (rss * 1024) / 1e6, 0);
  const children = all.filter(([, parent]) => parent === pid).map(([own]) => own);
  return { server: of(pid), all: of(pid) + children.reduce((sum, id) => sum + of(id), 0), children: children.length };
}

/** Runs the load generator in a process of its own. */
function load(modules, url, limit) {
  const args = ["-j", "-c", CONNECTIONS, ...limit, "-m", "POST", "-H", "content-type=application/json"];
  const program = join(modules, "autocannon", "autocannon.js");
  const stdio = ["ignore", "pipe", "ignore"];
  const printed = execFileSync(process.execPath, [program, ...args, "-b", '{"prompt":"Hello"}', url], { stdio });
  const { requests, latency, non2xx, errors } = JSON.parse(printed);
  if (non2xx + errors > 0) throw new Error(`${url}: ${non2xx} answers that are no success, ${errors} errors`);
  return { rate: requests.average, p50: latency.p50, p99: latency.p99 };
}

async function start() {
  const starts = [];
  for (let i = 0; i < STARTS; i++) {
    const server = await startLocalAws(folder, PORT);
    starts.push(server.readyMs);
    if (i === STARTS - 1) {
      await pause(1000);
      const { server: rss } = memory(server.pid);
      line("idle memory", `${rss.toFixed(0)} MB RSS`, "80 MB", rss < 80);
    }
    await server.stop();
  }
  const readyMs = median(starts);
  line("start until the first answer", `${readyMs.toFixed(0)} ms`, "300 ms", readyMs < 300);
}

async function flatMemory(modules, url, pid) {
  load(modules, url, ["-a", 20_000]);
  await pause(1000);
  const before = memory(pid);
  load(modules, url, ["-a", 80_000]);
  await pause(1000);
  const after = memory(pid);
  for (const [title, part] of [
    ["memory after 100,000 requests, server", "server"],
    [`  with its ${after.children} processes`, "all"],
  ]) {
    const ratio = after[part] / before[part];
    const figure = `${after[part].toFixed(0)} MB RSS = ${ratio.toFixed(2)} x that after 20,000`;
    line(title, figure, "1.15 x", ratio <= 1.15);
  }
}

function compare(modules, servers) {
  const runs = new Map(servers.map(({ title }) => [title, []]));
  for (const { url } of servers) load(modules, url, ["-d", 3]);
  for (let i = 0; i < ROUNDS; i++) {
    for (const { title, url } of servers) runs.get(title).push(load(modules, url, ["-d", SECONDS]));
  }
  return servers.map(({ title }) => {
    const of = (key) => median(runs.get(title).map((run) => run[key]));
    const figures = { rate: of("rate"), p50: of("p50"), p99: of("p99") };
    line(title, `${figures.rate.toFixed(0)} requests/s, p50 ${figures.p50} ms, p99 ${figures.p99} ms`);
    return figures;
  });
}

try {
  await start();
  writeFunction(folder);
  const modules = installRivals();
  const aws = await startLocalAws(folder, PORT);
  running.push(aws);
  const url = deploy(folder, aws.env);
  await flatMemory(modules, url, aws.pid);
  const home = join(folder, "serverless");
  mkdirSync(home);
  writeFunction(home);
  const rival = await startServerlessOffline(home, modules, PORT + 1);
  running.push(rival);
  const bare = await startBare(folder, PORT + 3);
  running.push(bare);
  const [ours, theirs] = compare(modules, [
    { title: `local AWS, ${CONNECTIONS} connections`, url },
    { title: "serverless-offline", url: rival.url },
    { title: "bare node:http, handler in its process", url: bare.url },
  ]);
  const ratio = ours.rate / theirs.rate;
  line("requests/s", `${ratio.toFixed(1)} x serverless-offline`, "2 x", ratio >= 2);
  line("p99", `${(ours.p99 / theirs.p99).toFixed(2)} x serverless-offline`, "less than 1 x", ours.p99 < theirs.p99);
} catch (error) {
  process.stdout.write(`not measured any further: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  await Promise.all(running.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}
