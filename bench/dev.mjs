// llm-gw dev: from the end of saving a file to the first answer over HTTP that shows it.
import { spawn, spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const PROGRAM = join(import.meta.dirname, "..", "bin", "llm-gw.js");
const BAR_MS = 300;
const SAVES = 15;
const folder = mkdtempSync(join(tmpdir(), "llm-gw-bench-"));

const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];

/** Runs dev in a folder of its own with `files`, calls `work` with its endpoint, and ends it. */
async function withDev(name, files, work) {
  const cwd = join(folder, name);
  mkdirSync(join(cwd, "app"), { recursive: true });
  for (const [path, content] of Object.entries(files)) writeFileSync(join(cwd, path), content);
  const env = { PATH: process.env.PATH, HOME: folder };
  const child = spawn(process.execPath, [PROGRAM, "dev", "--json"], { cwd, env, stdio: ["ignore", "pipe", "ignore"] });
  const ended = once(child, "close");
  try {
    const [printed] = await once(child.stdout, "data");
    child.stdout.resume();
    return await work(JSON.parse(String(printed).split("\n")[0]).deployed.endpoint, cwd);
  } finally {
    child.kill("SIGINT");
    await ended;
  }
}

/** How long after each save an answer is the first to show it, in milliseconds. */
async function saves(endpoint, save, body) {
  const times = [];
  for (let n = 1; n <= SAVES; n++) {
    save(`version${n}`);
    const start = performance.now();
    let answer = "";
    while (!answer.includes(`version${n}`)) {
      answer = await fetch(endpoint, { method: "POST", body: body(`version${n}`) }).then((response) => response.text());
      // Asking without a pause would take the time from what is measured.
      await delay(5);
      if (performance.now() - start > 10_000) throw new Error(`version ${n} never came: ${answer}`);
    }
    times.push(performance.now() - start);
  }
  return times;
}

function report(title, times) {
  const figure = `${median(times).toFixed(0)} ms, at worst ${Math.max(...times).toFixed(0)} ms`;
  const met = median(times) < BAR_MS;
  process.stdout.write(`${title.padEnd(46)} ${figure}  (bar: ${BAR_MS} ms)${met ? "" : "  MISSED"}\n`);
  if (!met) process.exitCode = 1;
}

try {
  // The built-in function: the answer names the alias that was just configured.
  const models = (alias) => `{ "auth": "none", "models": { "default": "echo:", "${alias}": "echo:" } }`;
  const builtin = await withDev("builtin", { "llm-gw.json": models("version0") }, (endpoint, cwd) =>
    saves(
      endpoint,
      (version) => writeFileSync(join(cwd, "llm-gw.json"), models(version)),
      (model) => JSON.stringify({ prompt: "Hello", model }),
    ),
  );
  report("dev: save to live, built-in function", builtin);

  const code = (version) => `exports.handler = async () => ({ statusCode: 200, body: "${version}" });`;
  const own = '{ "auth": "none", "function": { "code": "app", "runtime": "nodejs22.x", "handler": "index.handler" } }';
  const parts = Array.from({ length: 100 }, (_, n) => [`app/part-${n}.bin`, randomBytes(10_000)]);
  const files = { "llm-gw.json": own, "app/index.js": code("version0"), ...Object.fromEntries(parts) };
  const folderOf1Mb = await withDev("own", files, (endpoint, cwd) =>
    saves(
      endpoint,
      (version) => writeFileSync(join(cwd, "app", "index.js"), code(version)),
      () => "{}",
    ),
  );
  report("dev: save to live, 1 MB in 101 files", folderOf1Mb);

  const bare = Array.from({ length: SAVES }, () => {
    const start = performance.now();
    spawnSync(process.execPath, ["-e", "0"]);
    return performance.now() - start;
  });
  process.stdout.write(`${"of it, at least: node -e 0".padEnd(46)} ${median(bare).toFixed(0)} ms\n`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
