import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { isAlive } from "../support/is-alive.ts";
import { functionOf, invoke, zipOf } from "./function-fixture.ts";

const runtime = new FunctionRuntime({ onLog: () => {} });
const WHO =
  "exports.handler = async () => ({ pid: process.pid, root: process.env.LAMBDA_TASK_ROOT, n: ++globalThis.n });globalThis.n = 0;";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

interface Who {
  pid: number;
  root: string;
  n: number;
}

function isWho(value: unknown): value is Who {
  return typeof value === "object" && value !== null && "pid" in value && "root" in value && "n" in value;
}

async function who(fn: Parameters<typeof invoke>[1], on = runtime, event: unknown = {}): Promise<Who> {
  const { value } = await invoke(on, fn, event);
  if (!isWho(value)) {
    throw new Error(`unexpected answer ${JSON.stringify(value)}`);
  }
  return value;
}

describe("processes", () => {
  it("reuses a warm process", async () => {
    const fn = functionOf({ "index.js": WHO });
    const first = await who(fn);
    const second = await who(fn);
    expect(second).toEqual({ ...first, n: 2 });
  });

  it("gives parallel requests a process each, and reuses those", async () => {
    const gate = join(folder, "gate");
    const fn = functionOf({
      // Each answers only when all three run at the same time.
      "index.js": `const fs = require("node:fs"); ${WHO}
        const who = exports.handler;
        exports.handler = async (event) => {
          fs.writeFileSync(event.gate + process.pid, "");
          const prefix = event.gate.split("/").pop();
          while (fs.readdirSync(event.folder).filter((f) => f.startsWith(prefix)).length < 3) await new Promise(setImmediate);
          return who();
        };`,
    });
    const parallel = await Promise.all([1, 2, 3].map(() => who(fn, runtime, { gate, folder })));
    expect(new Set(parallel.map((one) => one.pid)).size).toBe(3);
    const next = await who(fn, runtime, { gate, folder });
    expect(parallel.map((one) => one.pid)).toContain(next.pid);
  });

  it("replaces the process when the revision differs or the function is retired", async () => {
    const fn = functionOf({ "index.js": WHO }, { functionName: "replaced" });
    const first = await who(fn);
    const second = await who({ ...fn, revisionId: "other" });
    expect(second.pid).not.toBe(first.pid);
    await vi.waitUntil(() => !isAlive(first.pid) && !existsSync(first.root));
    runtime.retire(fn.functionArn);
    const third = await who({ ...fn, revisionId: "other" });
    expect(third.pid).not.toBe(second.pid);
    await vi.waitUntil(() => !isAlive(second.pid) && !existsSync(second.root));
  });

  it("lets a request finish when its function is retired meanwhile", async () => {
    const go = join(folder, "go");
    const started = join(folder, "started");
    const fn = functionOf(
      {
        "index.js": `const fs = require("node:fs"); exports.handler = async ({ go, started }) => {
          fs.writeFileSync(started, String(process.pid));
          while (!fs.existsSync(go)) await new Promise(setImmediate);
          return "finished";
        };`,
      },
      { functionName: "draining" },
    );
    const running = invoke(runtime, fn, { go, started });
    await vi.waitUntil(() => existsSync(started), { timeout: 20_000 });
    runtime.retire(fn.functionArn);
    await writeFile(go, "");
    expect((await running).value).toBe("finished");
    const pid = Number(await readFile(started, "utf8"));
    await vi.waitUntil(() => !isAlive(pid));
  });

  it("close() ends idle and busy processes, what they started, and removes the code", async () => {
    const own = new FunctionRuntime({ onLog: () => {} });
    const idle = await who(functionOf({ "index.js": WHO }, { functionName: "idle" }), own);
    const pids = join(folder, "pids");
    const busy = functionOf(
      {
        "index.js": `exports.handler = async ({ pids }) => {
          const child = require("node:child_process").spawn(process.execPath, ["-e", "setInterval(() => {}, 60_000)"], { stdio: "inherit" });
          require("node:fs").writeFileSync(pids, JSON.stringify([process.pid, child.pid]));
          await new Promise((done) => child.on("exit", done));
        };`,
      },
      { functionName: "busy", timeoutSeconds: 600 },
    );
    const running = invoke(own, busy, { pids });
    const started = async (): Promise<number[]> => JSON.parse(await readFile(pids, "utf8"));
    const both = await vi.waitFor(started, { timeout: 20_000 });
    await own.close();
    expect((await running).value).toMatchObject({ errorType: "Runtime.ExitError" });
    expect([idle.pid, both[0]].map((pid) => isAlive(pid ?? 0))).toEqual([false, false]);
    await vi.waitUntil(() => !isAlive(both[1] ?? 0));
    expect(existsSync(idle.root)).toBe(false);
    await expect(invoke(own, busy)).rejects.toThrow("closed");
  });

  it("close() also ends a request whose process is only being started", async () => {
    const own = new FunctionRuntime({ onLog: () => {} });
    const running = invoke(own, functionOf({ "index.js": WHO }));
    await own.close();
    expect((await running).functionError).toBe("Unhandled");
  });
});

describe("failures", () => {
  const failing = (files: Record<string, string>, changes = {}) => invoke(runtime, functionOf(files, changes));

  it("kills a request that takes too long", async () => {
    const fn = functionOf(
      {
        "index.js": `${WHO} const who = exports.handler; exports.handler = async (e) => {
          console.log("waiting"); if (e.hang) await new Promise(() => setTimeout(() => {}, 60000)); return who(); };`,
      },
      { timeoutSeconds: 1 },
    );
    const before = await who(fn);
    const { value, functionError, requestId, logTail } = await invoke(runtime, fn, { hang: true });
    expect(functionError).toBe("Unhandled");
    expect(value).toEqual({
      errorType: "Sandbox.Timedout",
      errorMessage: `RequestId: ${requestId} Error: Task timed out after 1.00 seconds`,
    });
    expect(logTail).toContain("waiting");
    expect(isAlive(before.pid)).toBe(false);
    expect((await who(fn)).pid).not.toBe(before.pid);
  });

  it("kills a busy loop too", async () => {
    const { value } = await failing(
      { "index.js": "exports.handler = async () => { for (;;); };" },
      { timeoutSeconds: 1 },
    );
    expect(value).toMatchObject({ errorType: "Sandbox.Timedout" });
  });

  it.each([
    ["process.exit(4)", "Runtime exited with error: exit status 4"],
    ["process.exit(0)", "Runtime exited without providing a reason"],
    ["process.kill(process.pid, 'SIGKILL')", "Runtime exited with error: signal: killed"],
  ])("reports %s", async (code, message) => {
    const files = { "index.js": `exports.handler = async () => { ${code}; await new Promise(() => {}); };` };
    const { value, functionError, requestId } = await failing(files);
    expect(functionError).toBe("Unhandled");
    expect(value).toEqual({
      errorType: "Runtime.ExitError",
      errorMessage: `RequestId: ${requestId} Error: ${message}`,
    });
  });

  it("reports an exit while loading", async () => {
    expect((await failing({ "index.js": "process.exit(2)" })).value).toMatchObject({ errorType: "Runtime.ExitError" });
  });

  it("refuses an answer above 6 MB, and takes one just below", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async ({ size }) => 'x'.repeat(size);" });
    expect((await invoke(runtime, fn, { size: 6_291_556 })).value).toEqual({
      errorType: "Function.ResponseSizeTooLarge",
      errorMessage: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
    });
    expect((await invoke(runtime, fn, { size: 6_291_554 })).value).toHaveLength(6_291_554);
  });

  it("names a runtime it cannot run", async () => {
    expect(await failing({ bootstrap: "" }, { runtime: "provided.al2023" })).toMatchObject({
      functionError: "Unhandled",
      value: { errorMessage: "runtime provided.al2023 cannot run on the local AWS" },
    });
  });

  it("refuses a damaged package", async () => {
    const zip = Buffer.from("not a zip at all, but longer than the end record");
    expect((await failing({}, { zip })).value).toMatchObject({ errorType: "Runtime.Unavailable" });
  });

  it.each(["../evil.js", "/evil.js", "a/../../evil.js", "..\\evil.js", "C:\\evil.js"])(
    "refuses a package with %s",
    async (name) => {
      const { value } = await failing({}, { zip: zipOf({ "index.js": WHO, [name]: "" }) });
      expect(value).toMatchObject({ errorMessage: expect.stringContaining("names a file outside its folder") });
    },
  );
});
