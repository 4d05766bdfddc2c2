// The built-in function: what is uploaded, what of it a request loads, what that takes, and what a request costs.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { zipSync } from "fflate";

const STARTS = 41;
const REQUESTS = 5000;
const HOST = join(import.meta.dirname, "handler-host.mjs");
const LOADS = pathToFileURL(join(import.meta.dirname, "handler-loads.mjs")).href;
const folder = mkdtempSync(join(tmpdir(), "llm-gw-bench-"));
const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} KB`;

/** A figure without a bar has no `met`. */
function line(title, figure, bar, met = true) {
  process.stdout.write(
    `${title.padEnd(46)} ${figure}${bar === undefined ? "" : `  (bar: ${bar})`}${met ? "" : "  MISSED"}\n`,
  );
  if (!met) process.exitCode = 1;
}

/** The event of the HTTP API for a prompt. */
function event(model) {
  return {
    version: "2.0",
    routeKey: "POST /inference",
    rawPath: "/prod/inference",
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    requestContext: { http: { method: "POST", path: "/prod/inference" }, stage: "prod", requestId: "bench" },
    body: JSON.stringify({ prompt: "Hello", model }),
    isBase64Encoded: false,
  };
}

/** Files of the function, zipped as they are uploaded: each deflated by itself. */
function zipped(names) {
  return zipSync(Object.fromEntries(names.map((name) => [name, readFileSync(join(folder, name))]))).byteLength;
}

/** Runs the function in a process of its own; what it measured, and the names of its files that were loaded. */
async function host(events, repeat = 1) {
  const loads = join(folder, "..", `${basename(folder)}-loads`);
  const args = ["--import", LOADS, HOST, folder, JSON.stringify(events), String(repeat)];
  // The log lines cost as much as they do in Lambda, and go nowhere.
  const stdio = ["ignore", "ignore", "inherit", "pipe"];
  const child = spawn(process.execPath, args, { stdio, env: { ...process.env, LLM_GW_BENCH_LOADS: loads } });
  let printed = "";
  child.stdio[3].setEncoding("utf8").on("data", (text) => {
    printed += text;
  });
  await once(child, "close");
  const { times, answer } = JSON.parse(printed);
  if (answer.statusCode !== 200) throw new Error(`the function answered ${answer.statusCode} ${answer.body}`);
  const urls = readFileSync(loads, "utf8").trim().split("\n");
  rmSync(loads);
  const paths = urls.filter((url) => url.startsWith("file:")).map((url) => fileURLToPath(url));
  return { times, loaded: paths.filter((path) => path.startsWith(`${folder}/`)).map((path) => basename(path)) };
}

/** Milliseconds of CPU and by the clock that a process took from its start to the end of a program of one line. */
function start(program) {
  // Whatever is set for Node here, like more certificates to read, is no part of bare Node.
  const { stdout, stderr } = spawnSync(process.execPath, [program], { encoding: "utf8", env: {} });
  if (stdout === "") throw new Error(stderr);
  return JSON.parse(stdout);
}

function importTime() {
  const report = `const { user, system } = process.cpuUsage();
    process.stdout.write(JSON.stringify({ cpu: (user + system) / 1000, clock: performance.now() }));`;
  const programs = ["bare.mjs", "importing.mjs"].map((name) => join(folder, name));
  ["", 'import "./index.mjs";\n'].forEach((line, index) => {
    writeFileSync(programs[index], line + report);
  });
  // In turn, so that whatever else the machine does meets both.
  const runs = Array.from({ length: STARTS }, () => programs.map(start));
  return ["cpu", "clock"].map((measure) => {
    const [bare, importing] = [0, 1].map((index) => median(runs.map((run) => run[index][measure])));
    return { bare, added: importing - bare };
  });
}

const upstream = createServer((request, response) => {
  let body = "";
  request.setEncoding("utf8").on("data", (chunk) => {
    body += chunk;
  });
  request.on("end", () => {
    const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 };
    const isStream = JSON.parse(body).stream === true;
    response.setHeader("content-type", isStream ? "text/event-stream" : "application/json");
    const part = { role: "assistant", content: "Hi" };
    const choice = { index: 0, finish_reason: "stop", [isStream ? "delta" : "message"]: part };
    const text = JSON.stringify({ id: "1", object: "chat.completion", choices: [choice], usage });
    response.end(isStream ? `data: ${text}\n\ndata: [DONE]\n\n` : text);
  });
});

try {
  cpSync(join(import.meta.dirname, "..", "dist", "handler"), folder, { recursive: true });
  await new Promise((resolve) => upstream.listen(0, "127.0.0.1", resolve));
  const openai = { backend: "openai", baseUrl: `http://127.0.0.1:${upstream.address().port}`, model: "m" };
  const limits = { defaultMaxTokens: 1024, maxTokens: 8192, promptBytes: 1_048_576 };
  const models = { default: [{ backend: "echo" }], openai: [openai] };
  writeFileSync(join(folder, "models.json"), JSON.stringify({ models, limits }));

  const size = zipped(readdirSync(folder));
  line("the built-in function", `${kilobytes(size)} zipped`, "250 KB", size <= 250_000);
  for (const model of ["default", "openai"]) {
    const { loaded } = await host([event(model)]);
    const bytes = zipped(loaded);
    const title = `  of it loaded for a request to ${model === "default" ? "echo:" : "openai:"}`;
    line(title, `${kilobytes(bytes)} zipped in ${loaded.length} files`, "25 KB", bytes <= 25_000);
  }
  const [cpu, clock] = importTime();
  const figure = `${clock.added.toFixed(1)} ms over the ${clock.bare.toFixed(0)} ms of bare Node`;
  line("import", `${figure}; ${cpu.added.toFixed(1)} ms of CPU`, "25 ms", clock.added <= 25);
  const { times } = await host([event("default")], REQUESTS);
  const p50 = median(times);
  const p99 = times.toSorted((a, b) => a - b)[Math.floor(times.length * 0.99)];
  line("a request to echo:", `p50 ${p50.toFixed(3)} ms, p99 ${p99.toFixed(3)} ms`, "p50 1 ms", p50 <= 1);
} catch (error) {
  process.stdout.write(`not measured any further: ${error.message}\n`);
  process.exitCode = 1;
} finally {
  upstream.close();
  rmSync(folder, { recursive: true, force: true });
}
