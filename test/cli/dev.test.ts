import { once } from "node:events";
import { mkdir, readdir, readFile, rename, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { strToU8, zipSync } from "fflate";
import { beforeEach, expect, onTestFinished, test, vi } from "vitest";
import { llmGw, temporaryFolder } from "../support/cli.ts";
import { isAlive } from "../support/is-alive.ts";
import { type Running, running } from "../support/running.ts";

let folder: string;
let temporary: string;
beforeEach(async () => {
  folder = await temporaryFolder();
  temporary = await temporaryFolder();
  await mkdir(join(folder, "app"));
  await write("app/index.mjs", handler("one"));
  await write("llm-gw.json", CONFIG);
});

const CONFIG =
  '{ "auth": "none", "function": { "code": "app", "runtime": "nodejs22.x", "handler": "index.handler", "timeout": 30 } }';
/** A function that answers with its process id and a word, which it also logs. */
const handler = (word: string) =>
  `export const handler = async () => { console.log("said ${word}"); return { pid: process.pid, word: "${word}" }; };`;
/** What ends each deploy. */
const DEPLOYED = /llm-gw-prod: .* in [\d.]+ m?s\n/;
const URL_LINE = /^http:\S+$/m;

const write = (name: string, text: string) => writeFile(join(folder, name), text);
const dev = (...flags: string[]) => running(folder, { TMPDIR: temporary }, ["dev", ...flags]);

/** Waits for the first deploy; gives the endpoint. */
async function endpointOf(started: Running): Promise<string> {
  const [url = ""] = URL_LINE.exec(await started.until(/^curl .*\n/m)) ?? [];
  return url;
}

async function ask(endpoint: string): Promise<{ pid: number; word: string }> {
  return JSON.parse(await (await fetch(endpoint, { method: "POST", body: "{}" })).text());
}

test("a saved file is live; the log is on the screen; Ctrl-C leaves nothing", async () => {
  const started = dev();
  const endpoint = await endpointOf(started);
  expect((await ask(endpoint)).word).toBe("one");
  await started.until(/INFO said one\n/);

  await write("app/index.mjs", handler("two"));
  await started.until(/^~ lambda.function llm-gw-prod \(.*\n/m);
  await started.until(DEPLOYED);
  expect((await ask(endpoint)).word).toBe("two");
  await started.until(/INFO said two\n/);

  // As editors do that never let a half-written file be seen.
  await write("app/index.mjs.new", handler("three"));
  await rename(join(folder, "app/index.mjs.new"), join(folder, "app/index.mjs"));
  await started.until(/^~ lambda.function llm-gw-prod \(.*\n/m);
  await started.until(DEPLOYED);
  const { pid, word } = await ask(endpoint);
  expect(word).toBe("three");

  started.child.kill("SIGINT");
  const { code, stdout } = await started.ended;
  expect(code).toBe(0);
  expect(stdout).toMatch(/^http:\S+\nLLM_GW_LOCAL_PORT=\d+ llm-gw invoke --local --prompt "Hello"\ncurl /);
  expect(isAlive(pid)).toBe(false);
  await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
  expect(await readdir(temporary)).toEqual([]);
  expect((await readdir(folder)).toSorted()).toEqual(["app", "llm-gw.json"]);
});

test("a second Ctrl-C ends it at once, with all it made", async () => {
  await write("app/index.mjs", `export const handler = async () => { console.log("pid", process.pid); for (;;); };`);
  const started = dev();
  const endpoint = await endpointOf(started);
  const asked = expect(ask(endpoint)).rejects.toThrow("fetch failed");
  const [, pid = ""] = /pid (\d+)\n/.exec(await started.until(/pid \d+\n/)) ?? [];
  // Stopped, it takes notice of neither before both are there.
  for (const signal of ["SIGSTOP", "SIGINT", "SIGTERM", "SIGCONT"] as const) started.child.kill(signal);
  expect((await started.ended).code).toBe(130);
  expect(await readdir(temporary)).toEqual([]);
  await asked;
  await vi.waitUntil(() => !isAlive(Number(pid)), { timeout: 20_000 });
});

test("a zip is deployed again when another takes its place", async () => {
  const zip = (word: string) => zipSync({ "index.mjs": strToU8(handler(word)) });
  await writeFile(join(folder, "app.zip"), zip("one"));
  const started = dev("--code", "app.zip");
  const endpoint = await endpointOf(started);
  expect((await ask(endpoint)).word).toBe("one");
  for (const word of ["two", "three"]) {
    await writeFile(join(folder, "new.zip"), zip(word));
    await rename(join(folder, "new.zip"), join(folder, "app.zip"));
    await started.until(DEPLOYED);
    expect((await ask(endpoint)).word).toBe(word);
  }
  await writeFile(join(folder, "app.zip"), zip("four"));
  await started.until(DEPLOYED);
  expect((await ask(endpoint)).word).toBe("four");
});

test("the lines it prints work, and a gateway on another local AWS keeps its state", async () => {
  await mkdir(join(folder, ".llm-gw"));
  await write(".llm-gw/llm-gw-prod-local.json", "another's");
  const started = dev();
  const [, port = ""] = /LLM_GW_LOCAL_PORT=(\d+)/.exec(await started.until(/^curl .*\n/m)) ?? [];
  const args = ["invoke", "--local", "--prompt", "Hi", "--raw"];
  const invoked = await llmGw(temporary, { LLM_GW_LOCAL_PORT: port }, args);
  expect(invoked.stdout).toContain('"word":"one"');
  await write("app/index.mjs", handler("two"));
  await started.until(DEPLOYED);
  started.child.kill("SIGTERM");
  expect((await started.ended).code).toBe(0);
  expect(await readFile(join(folder, ".llm-gw/llm-gw-prod-local.json"), "utf8")).toBe("another's");
});

test("what is broken is shown, and mended by the next save", async () => {
  await write("llm-gw.json", "{ broken");
  const started = dev();
  await started.until(/error: .*llm-gw\.json:1:/);
  await write("llm-gw.json", CONFIG.replace("index.handler", "other.handler"));
  await started.until(/error: The handler other\.handler .* needs other\.js/);
  // The code is watched by now, though it was never deployed.
  await write("app/other.mjs", handler("other"));
  const endpoint = await endpointOf(started);
  expect((await ask(endpoint)).word).toBe("other");
  await rename(join(folder, "app"), join(folder, "src"));
  await started.until(/error: The code path .*app does not exist/);
  await write("llm-gw.json", CONFIG.replace('"app"', '"src"'));
  await started.until(DEPLOYED);
  await write("src/index.mjs", handler("moved"));
  await started.until(DEPLOYED);
  expect((await ask(endpoint)).word).toBe("moved");
});

test("a configuration that comes later is seen, and one that goes", async () => {
  await rm(join(folder, "llm-gw.json"));
  const started = dev("--auth", "none");
  const endpoint = await endpointOf(started);
  await write("llm-gw.json", CONFIG);
  await started.until(DEPLOYED);
  expect((await ask(endpoint)).word).toBe("one");
  await rm(join(folder, "llm-gw.json"));
  await started.until(DEPLOYED);
  expect(await ask(endpoint)).toMatchObject({ error: {} });
});

test("a folder that is not there yet is waited for", async () => {
  await rm(join(folder, "llm-gw.json"));
  const own = ["--code", "later/app", "--runtime", "nodejs22.x", "--handler", "index.handler"];
  const started = dev(...own, "--auth", "none");
  await started.until(/error: The code path .*later\/app does not exist/);
  await mkdir(join(folder, "later/app"), { recursive: true });
  await write("later/app/index.mjs", handler("later"));
  const endpoint = await endpointOf(started);
  expect((await ask(endpoint)).word).toBe("later");
  for (const word of ["back", "again"]) {
    await rm(join(folder, "later/app"), { recursive: true });
    await started.until(/error: The code path .*later\/app does not exist/);
    await mkdir(join(folder, "later/app"));
    await write("later/app/index.mjs", handler(word));
    await started.until(DEPLOYED);
    expect((await ask(endpoint)).word).toBe(word);
  }
});

test("a configuration that was there at the start and goes is told, and what is deployed stays", async () => {
  const started = dev();
  const endpoint = await endpointOf(started);
  await rename(join(folder, "llm-gw.json"), join(folder, "away.json"));
  await started.until(/error: \S+llm-gw\.json is gone; what was deployed stays\nhint: When it is back, .*\n/);
  expect((await ask(endpoint)).word).toBe("one");
  await rename(join(folder, "away.json"), join(folder, "llm-gw.json"));
  await started.until(DEPLOYED);
});

test("code that cannot be loaded is told when it is saved, before any request", async () => {
  const started = dev();
  await endpointOf(started);
  await write("app/index.mjs", "export const handler = async () => {{ };");
  await started.until(
    /Z ERROR .*SyntaxError[\s\S]*Z INIT_REPORT .*Status: error, Error Type: Runtime\.UserCodeSyntaxError\n/,
  );
  await write("app/index.mjs", `console.log("loaded again"); ${handler("two")}`);
  await started.until(/INFO loaded again\n/);
});

test("a runtime that this machine runs with another version is told once", async () => {
  await write("llm-gw.json", CONFIG.replace("nodejs22.x", "nodejs16.x"));
  const warning = /warning: the local AWS runs nodejs16\.x with the Node\.js [\d.]+ of this machine\n/;
  const started = dev();
  await started.until(DEPLOYED);
  await started.until(warning);
  await write("app/index.mjs", handler("two"));
  expect(await started.until(DEPLOYED)).not.toMatch(warning);
});

test("new folders and the targets of links are watched, what .llmgwignore names is not", async () => {
  await mkdir(join(folder, "app", "data"));
  await write("app/data/word.mjs", 'export const word = "linked";');
  await symlink("data/word.mjs", join(folder, "app", "word.mjs"));
  await write("app/index.mjs", 'import { word } from "./word.mjs"; export const handler = async () => ({ word });');
  await write("app/.llmgwignore", "notes/\n");
  await mkdir(join(folder, "app", "notes"));
  const started = dev();
  const endpoint = await endpointOf(started);
  expect((await ask(endpoint)).word).toBe("linked");

  for (let n = 0; n < 20; n++) {
    await write("app/notes/todo.txt", String(n));
    await ask(endpoint);
  }
  await write("app/data/word.mjs", 'export const word = "changed";');
  expect(await started.until(DEPLOYED)).toContain("1 updated");
  expect((await ask(endpoint)).word).toBe("changed");

  await mkdir(join(folder, "app", "more", "deep"), { recursive: true });
  await write("app/more/deep/word.mjs", 'export const word = "deep";');
  await started.until(/1 updated/);
  await write("app/more/deep/word.mjs", 'export const word = "deeper";');
  await started.until(/1 updated/);

  // From now on it is packaged, and watched.
  await write("app/.llmgwignore", "");
  await started.until(/1 updated/);
  await write("app/notes/todo.txt", "done");
  await started.until(/1 updated/);
});

test("a link that packaging refuses is shown, and not followed", async () => {
  await symlink("/", join(folder, "app", "everything"));
  const started = dev();
  await started.until(/error: The link everything leaves the folder/);
  await write("app/.llmgwignore", "everything/\n");
  await endpointOf(started);
  await symlink("..", join(folder, "app", "round"));
  await mkdir(join(folder, "app", "deep"));
  await symlink("..", join(folder, "app", "deep", "up"));
  await started.until(/error: The link (round leaves|deep.up leads back)/);
  await write("app/.llmgwignore", "everything\nround\nup\n");
  await started.until(DEPLOYED);
});

test("--json is one document a line", async () => {
  const started = dev("--json");
  const deployed = (await started.until(/^\{"deployed".*\n/m)).split("\n").find((line) => line.startsWith("{"));
  const { endpoint } = JSON.parse(deployed ?? "").deployed;
  await ask(endpoint);
  await started.until(/^\{"log":\{"time":".*","message":".*said one/m);
  await write("llm-gw.json", "[]");
  await started.until(/^\{"error":\{"code":"Usage",/m);
  started.child.kill("SIGINT");
  const { stdout } = await started.ended;
  for (const line of stdout.trim().split("\n")) JSON.parse(line);
});

test("it ends when nobody reads its output any more, and leaves nothing", async () => {
  const started = dev();
  const endpoint = await endpointOf(started);
  started.child.stdout?.destroy();
  // What the function logs then has no reader; its answer may no longer come.
  await ask(endpoint).catch(() => undefined);
  expect((await started.ended).code).toBe(0);
  expect(await readdir(temporary)).toEqual([]);
});

test("a port that is taken is refused", async () => {
  const server = createServer().listen(0, "127.0.0.1");
  onTestFinished(() => void server.close());
  await once(server, "listening");
  const address = server.address();
  const port = typeof address === "object" ? String(address?.port) : "";
  expect(await llmGw(folder, { TMPDIR: temporary }, ["dev", "--port", port])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`error: port ${port} is in use`),
  });
  expect(await readdir(temporary)).toEqual([]);
});
