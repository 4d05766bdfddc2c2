import { existsSync, readdirSync } from "node:fs";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, it, onTestFinished, vi } from "vitest";
import type { PoolLimits } from "../../src/local/runtime/function-pool.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { isAlive } from "../support/is-alive.ts";
import { functionOf, invoke } from "./function-fixture.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function runtimeWith(limits: Partial<PoolLimits> = {}): FunctionRuntime {
  const runtime = new FunctionRuntime({ onLog: () => {}, limits });
  onTestFinished(() => runtime.close());
  return runtime;
}

/** Answers with its process; leaves a file in the folder `here`, and waits for the file `go` when it is told one. */
const fn = functionOf({
  "index.js": `const fs = require("node:fs"); let n = 0;
    exports.handler = async ({ here, go }) => {
      if (here) fs.writeFileSync(here + "/" + process.pid + "-" + ++n, "");
      while (go && !fs.existsSync(go)) await new Promise((done) => setTimeout(done, 5));
      return process.pid;
    };`,
});

async function place(name: string): Promise<{ here: string; go: string; arrived: () => number }> {
  const here = join(folder, name);
  await mkdir(here);
  return { here, go: join(folder, `${name}-go`), arrived: () => readdirSync(here).length };
}

it("a burst of 500 requests is answered by few processes, and none is refused", async () => {
  const runtime = runtimeWith({ maxProcesses: 4 });
  const answers = await Promise.all(Array.from({ length: 500 }, () => invoke(runtime, fn)));
  expect(answers.filter(({ functionError }) => functionError !== undefined)).toEqual([]);
  expect(new Set(answers.map(({ value }) => value)).size).toBeLessThanOrEqual(4);
});

it("beyond the limit requests wait for a process, one of which never works on two", async () => {
  const runtime = runtimeWith({ maxProcesses: 2 });
  const { here, go, arrived } = await place("limit");
  const running = Array.from({ length: 5 }, () => invoke(runtime, fn, { here, go }));
  await vi.waitUntil(() => arrived() === 2, { timeout: 20_000 });
  // A third one would have been started for the oldest by then.
  await invoke(runtimeWith(), fn);
  expect(arrived()).toBe(2);
  await writeFile(go, "");
  const pids = (await Promise.all(running)).map(({ value }) => value);
  expect(new Set(pids).size).toBe(2);
  expect(arrived()).toBe(5);
});

it("requests that wait are answered by the revision they were made to, though it is retired meanwhile", async () => {
  const runtime = runtimeWith({ maxProcesses: 1 });
  const { here, go, arrived } = await place("retired");
  const running = [1, 2, 3].map(() => invoke(runtime, fn, { here, go }));
  await vi.waitUntil(() => arrived() === 1, { timeout: 20_000 });
  runtime.retire(fn.functionArn);
  await writeFile(go, "");
  const pids = (await Promise.all(running)).map(({ value }) => Number(value));
  expect(new Set(pids).size).toBe(1);
  await vi.waitUntil(() => !isAlive(pids[0] ?? 0));
});

it("ends processes that nobody needs any more", async () => {
  const runtime = runtimeWith({ keptWarm: 1, surplusMs: 50, idleMs: 600_000 });
  const { here, go, arrived } = await place("surplus");
  const running = [1, 2, 3].map(() => invoke(runtime, fn, { here, go }));
  await vi.waitUntil(() => arrived() === 3, { timeout: 20_000 });
  await writeFile(go, "");
  const pids = (await Promise.all(running)).map(({ value }) => Number(value));
  await vi.waitUntil(() => pids.filter(isAlive).length === 1, { timeout: 20_000 });
  const [kept] = pids.filter(isAlive);
  expect((await invoke(runtime, fn)).value).toBe(kept);
});

it("ends the last process, too, when a function is idle for long, and starts another one later", async () => {
  const runtime = runtimeWith({ keptWarm: 1, surplusMs: 20, idleMs: 100 });
  const first = Number((await invoke(runtime, fn)).value);
  await vi.waitUntil(() => !isAlive(first), { timeout: 20_000 });
  expect((await invoke(runtime, fn)).value).not.toBe(first);
});

it("a process that crashes between two requests is replaced", async () => {
  const runtime = runtimeWith();
  const go = join(folder, "crash");
  const crashing = functionOf({
    "index.js": `const fs = require("node:fs");
      exports.handler = async ({ go }) => {
        const crash = () => { if (fs.existsSync(go)) throw new Error("late"); setTimeout(crash, 5); };
        crash();
        return process.pid;
      };`,
  });
  const first = Number((await invoke(runtime, crashing, { go })).value);
  await writeFile(go, "");
  await vi.waitUntil(() => !isAlive(first), { timeout: 20_000 });
  await rm(go);
  const second = await invoke(runtime, crashing, { go });
  expect(second.functionError).toBeUndefined();
  expect(second.value).not.toBe(first);
  expect(existsSync(go)).toBe(false);
});

it("each request that waits for a function that cannot be loaded learns why", async () => {
  const runtime = runtimeWith();
  const broken = functionOf({ "index.js": "throw new Error('boot');" });
  const answers = await Promise.all(Array.from({ length: 6 }, () => invoke(runtime, broken)));
  for (const { value, functionError } of answers) {
    expect(functionError).toBe("Unhandled");
    expect(value).toMatchObject({ errorMessage: "boot" });
  }
});
