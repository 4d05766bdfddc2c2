// What `logs` shows of every kind of line: records of the built-in function, of the access log, of Lambda, and one's own.
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { normal } from "../../support/normal.ts";
import { OutputSoFar } from "../../support/output-so-far.ts";
import { type HereOptions, type Output, runHere } from "../../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../../support/served-aws.ts";
import { shown, testOutputs } from "./outputs.ts";

const OWN_HANDLER = `
export const handler = async ({ body }) => {
  console.log("a plain line");
  process.stdout.write("  as it was\\twritten\\n");
  console.warn(JSON.stringify({ level: "warn", _aws: {}, text: body }));
  if (body === "fail") throw Object.assign(new Error("no luck"), { stack: "Error: no luck\\n    at index.mjs:6:3" });
  return {};
};`;
const STEPS: readonly (readonly string[])[] = [
  ["logs", "--local"],
  ["logs", "--local", "--access"],
  ["logs", "--local", "--filter", "{ $.status = 404 }"],
  ["logs", "--local", "--filter", "nothing"],
  ["logs", "--local", "--config", "own/llm-gw.json"],
  ["logs", "--local", "--config", "own/llm-gw.json", "--access"],
];
let aws: LocalTestAws;
let folder: string;
let env: Record<string, string>;
beforeAll(async () => {
  aws = await startLocal();
  env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
  await mkdir(join(folder, "own", "app"), { recursive: true });
  await writeFile(join(folder, "llm-gw.json"), '{ "auth": "none", "accessLogs": true }');
  await writeFile(join(folder, "own", "app", "index.mjs"), OWN_HANDLER);
  const own = { code: "app", runtime: "nodejs22.x", handler: "index.handler" };
  await writeFile(join(folder, "own", "llm-gw.json"), JSON.stringify({ name: "own", auth: "none", function: own }));
  const builtin = await deploy();
  await ask(builtin, '{"prompt":"Hello"}');
  await ask(builtin, '{"prompt":"Hello","model":"none"}');
  await ask(builtin.replace("/inference", "/nothing"), "");
  const mine = await deploy("--config", "own/llm-gw.json");
  await ask(mine, "fine");
  await ask(mine, "fail");
  return () => Promise.all([aws.close(), rm(folder, { recursive: true })]);
});

async function deploy(...flags: string[]): Promise<string> {
  const { stdout } = await runHere(["deploy", "--local", "--json", ...flags], { cwd: folder, env });
  return JSON.parse(stdout).endpoint;
}

/** One request after the other: events of one millisecond are told apart by their groups alone. */
async function ask(endpoint: string, body: string): Promise<void> {
  await (await fetch(endpoint, { method: "POST", body })).text();
  const over = Date.now();
  while (Date.now() === over) await new Promise(setImmediate);
}

/** Members of the records, which --json shows as they were written. */
const VARYING =
  /(\\"(?:requestId|time|milliseconds|Timestamp|llm_gw\.(?:duration|time_to_first_token|upstream_request_id))\\":)(\\"[^"]+\\"|\d+)/g;

function clean(raw: string): string {
  return normal(raw, folder)
    .replace(/^(TIME .*?) \d+ ms/gm, "$1 T ms")
    .replace(/ [\w/+-]{15}=$/gm, " APIGATEWAY_ID=")
    .replace(/"(id|requestId|stream)":"[^"]+"/g, '"$1":"..."')
    .replace(VARYING, "$1...");
}

async function transcript(output: Output, ...flags: string[]): Promise<string> {
  const world: HereOptions = { cwd: folder, env, output, clock: systemClock, normal: clean };
  const parts: string[] = [];
  for (const step of STEPS) {
    const args = [...step, ...flags];
    parts.push(shown(args, await runHere(args, world)));
  }
  const args = ["logs", "--local", "--follow", "--access", ...flags];
  const seen = new OutputSoFar();
  const interrupt = new AbortController();
  const following = runHere(args, { ...world, signal: interrupt.signal, onOutput: (text) => seen.add(text) });
  await seen.until(/Not Found.*\n/);
  interrupt.abort();
  return [...parts, shown(args, await following)].join("\n");
}

testOutputs("logs", (output) => transcript(output));

test("--json", async () => {
  await expect(await transcript("piped", "--json")).toMatchFileSnapshot("snapshots/logs-json.txt");
});
