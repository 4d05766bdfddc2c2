// What `dev` shows from its start to Ctrl-C: deploys, what the function logs, a mistake and its repair.
import { mkdir, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/cli.ts";
import { inOrder, normal } from "../../support/normal.ts";
import { OutputSoFar } from "../../support/output-so-far.ts";
import { type Output, runHere } from "../../support/run-here.ts";
import { shown, testOutputs } from "./outputs.ts";

const CONFIG = '{ "auth": "none", "function": { "code": "app", "runtime": "nodejs22.x", "handler": "index.handler" } }';
/** Its stack is one that does not tell where this test runs. */
const HANDLER = `
export const handler = async () => {
  console.log("said", { n: 1 });
  console.error("two\\n  lines");
  throw Object.assign(new RangeError("too far"), { code: "FAR", stack: "RangeError: too far\\n    at index.mjs:5:9" });
};`;
const MENDED = `export const handler = async () => { console.log(JSON.stringify({ level: "info" })); return {}; };`;

const REQUEST_OVER = /REPORT/;
/** Depends on the machine. */
const OTHER_NODE = /\S*warning:\S*\s+the\s+local\s+AWS\s+runs\s+nodejs[^:]*\s+this\s+machine\n/g;
/** A narrow terminal breaks lines between words. */
const DEPLOYED = /llm-gw-prod: [^:]+ in\s+\d+ ms\n/;
const REFUSED = /every\s+region\s+yet\.\n/;

async function transcript(output: Output, ...flags: string[]): Promise<string> {
  const cwd = await temporaryFolder();
  await mkdir(join(cwd, "app"));
  // At once, or a half-written file may be seen.
  const save = async (name: string, text: string) => {
    await writeFile(join(cwd, "new"), text);
    await rename(join(cwd, "new"), join(cwd, name));
  };
  await save("app/index.mjs", HANDLER);
  await save("llm-gw.json", CONFIG);
  const seen = new OutputSoFar();
  const interrupt = new AbortController();
  const args = ["dev", ...flags];
  const ended = runHere(args, {
    ...{ cwd, env: {}, output, signal: interrupt.signal },
    onOutput: (text) => seen.add(text),
    normal: (raw) => normal(raw, cwd).replace(OTHER_NODE, ""),
  });
  const [endpoint = ""] = /http:[^\s"]+\/inference/.exec(await seen.until(/http:[^\s"]+\/inference[\s\S]*?\n/)) ?? [];
  const ask = async () => {
    await fetch(endpoint, { method: "POST", body: "{}" });
    await seen.until(REQUEST_OVER);
  };
  await ask();
  await save("app/index.mjs", MENDED);
  await seen.until(DEPLOYED);
  await ask();
  await save("llm-gw.json", CONFIG.replace("nodejs22.x", "nodejs2.x"));
  await seen.until(REFUSED);
  await save("llm-gw.json", CONFIG);
  await seen.until(DEPLOYED);
  interrupt.abort();
  const { code, stdout, stderr, rawStderr } = await ended;
  return shown(args, { code, stdout: byKind(stdout), stderr: inOrder(stderr), rawStderr });
}

/** With --json: a function may start before its deploy is told of. */
function byKind(stdout: string): string {
  const kind = (line: string) => /^\{"(\w+)":\{/.exec(line)?.[1] ?? "";
  return stdout
    .split(/(?<=\n)/)
    .toSorted((a, b) => kind(a).localeCompare(kind(b)))
    .join("");
}

testOutputs("dev", (output) => transcript(output));

test("--json", async () => {
  await expect(await transcript("piped", "--json")).toMatchFileSnapshot("snapshots/dev-json.txt");
});
