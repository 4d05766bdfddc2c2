import { afterAll, describe, expect, it } from "vitest";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { functionOf, invoke } from "./function-fixture.ts";

const lines: { group: string; stream: string; message: string }[] = [];
const runtime = new FunctionRuntime({
  onLog: (fn, stream, message) => lines.push({ group: fn.logGroup, stream, message }),
});
afterAll(() => runtime.close());

const messagesOf = (functionName: string) =>
  lines.filter(({ group }) => group === `/aws/lambda/${functionName}`).map(({ message }) => message);

describe("the log of a function", () => {
  it("hands on each message, and each line of stdout and stderr, between START and REPORT, and returns the tail", async () => {
    const fn = functionOf(
      {
        "index.js": `exports.handler = async () => {
          console.log("to the log %d", 7); console.warn("two\\n  lines"); process.stderr.write("raw\\rly\\nunfinished"); return 1; };`,
      },
      { functionName: "logging" },
    );
    const { logTail, requestId } = await invoke(runtime, fn);
    const own = lines.filter((line) => line.group === "/aws/lambda/logging");
    const messages = own.map((line) => line.message);
    expect(new Set(own.map((line) => line.stream)).size).toBe(1);
    expect(messages[0]).toMatch(
      /^INIT_START Runtime Version: nodejs:22\.v1\tRuntime Version ARN: arn:aws:lambda:eu-west-1::runtime:[0-9a-f]{64}$/,
    );
    expect(messages[1]).toBe(`START RequestId: ${requestId} Version: $LATEST`);
    expect(messages.slice(2, -2).sort()).toEqual([
      expect.stringMatching(new RegExp(`^\\S+Z\\t${requestId}\\tINFO\\tto the log 7$`)),
      expect.stringMatching(/\tWARN\ttwo\n {2}lines$/),
      "raw\rly",
      "unfinished",
    ]);
    expect(messages.at(-2)).toBe(`END RequestId: ${requestId}`);
    expect(messages.at(-1)).toMatch(
      /^REPORT RequestId: .*\tDuration: .* ms\t.*\tMemory Size: 128 MB\t.*Init Duration: .* ms$/,
    );
    expect(logTail).toBe(`${messages.slice(1).join("\n")}\n`);
  });

  it("keeps only the last 4 KB in the tail, and loses nothing of a large log", async () => {
    const fn = functionOf(
      { "index.js": "exports.handler = async () => { for (let i = 0; i < 20000; i++) console.log('line', i); };" },
      { functionName: "chatty" },
    );
    const { logTail } = await invoke(runtime, fn);
    expect(Buffer.byteLength(logTail)).toBeLessThanOrEqual(4096);
    expect(logTail).toContain("line 19999");
    expect(lines.filter((line) => line.group === "/aws/lambda/chatty" && line.message.includes("line"))).toHaveLength(
      20_000,
    );
  });
});

describe("what this machine cannot run is in the log", () => {
  it("without the interpreter of a runtime", async () => {
    const fn = functionOf({ "app.py": "" }, { functionName: "snake", runtime: "python3.13", handler: "app.handler" });
    const path = process.env.PATH ?? "";
    process.env.PATH = "";
    try {
      await invoke(runtime, fn);
    } finally {
      process.env.PATH = path;
    }
    expect(messagesOf("snake")).toContain(
      "runtime python3.13 cannot run on the local AWS: python3 was not found on the PATH\nRuntime.Unavailable",
    );
  });

  it("with a runtime of another language", async () => {
    await invoke(runtime, functionOf({ bootstrap: "" }, { functionName: "gem", runtime: "ruby3.4" }));
    expect(messagesOf("gem")).toEqual(["runtime ruby3.4 cannot run on the local AWS"]);
  });
});

describe("REPORT", () => {
  it("tells of loading once, and bills it", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async () => 1;" }, { functionName: "billed" });
    const first = (await invoke(runtime, fn)).logTail;
    const [, duration, billed, init] =
      /\tDuration: (\S+) ms\tBilled Duration: (\d+) ms.*\tInit Duration: (\S+) ms\n$/.exec(first) ?? [];
    // The sum of what is shown, which is rounded.
    expect(Math.abs(Number(billed) - Math.ceil(Number(duration) + Number(init)))).toBeLessThanOrEqual(1);
    expect((await invoke(runtime, fn)).logTail).not.toContain("Init Duration");
  });

  it.runIf(process.platform === "linux")("tells how much memory was really used", async () => {
    const fn = functionOf({
      "index.js":
        "const kept = []; exports.handler = async ({ mb }) => { kept.push(Buffer.alloc(mb * 1024 * 1024, 1)); };",
    });
    const used = async (mb: number) =>
      Number(/Memory Size: 128 MB\tMax Memory Used: (\d+) MB/.exec((await invoke(runtime, fn, { mb })).logTail)?.[1]);
    const before = await used(0);
    expect(before).toBeGreaterThan(10);
    expect(await used(200)).toBeGreaterThanOrEqual(before + 190);
  });

  it("names a timeout", async () => {
    const code = "exports.handler = async () => { await new Promise(() => setTimeout(() => {}, 60000)); };";
    const { logTail } = await invoke(runtime, functionOf({ "index.js": code }, { timeoutSeconds: 1 }));
    expect(logTail).toMatch(/\nREPORT RequestId: \S+\tDuration: 1000.00 ms\t.*\tStatus: timeout\n$/);
  });

  it("names an exit, and the log says how it came", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async () => { process.exit(4); };" });
    const { logTail, requestId } = await invoke(runtime, fn);
    expect(logTail).toContain(
      `\nRequestId: ${requestId} Error: Runtime exited with error: exit status 4\nRuntime.ExitError\nEND RequestId: `,
    );
    expect(logTail).toMatch(/\tStatus: error\tError Type: Runtime.ExitError\n$/);
  });

  it("says nothing of an error the handler throws", async () => {
    const fn = functionOf({ "index.js": "exports.handler = async () => { throw new Error('no'); };" });
    expect((await invoke(runtime, fn)).logTail).not.toContain("Status: ");
  });
});

describe("a handler that cannot be loaded", () => {
  it("leaves what it wrote in the tail of the request, and an INIT_REPORT in the log", async () => {
    const fn = functionOf({ "index.js": 'console.log("loading"); require("nope");' }, { functionName: "unloadable" });
    const { logTail, requestId } = await invoke(runtime, fn);
    expect(logTail).toMatch(/\tloading\n/);
    expect(logTail).toContain(`START RequestId: ${requestId} Version: $LATEST\n`);
    expect(logTail).toMatch(/\tStatus: error\tError Type: Runtime.ImportModuleError\n$/);
    expect(messagesOf("unloadable")).toContainEqual(
      expect.stringMatching(
        /^INIT_REPORT Init Duration: \S+ ms\tPhase: init\tStatus: error\tError Type: Runtime.ImportModuleError$/,
      ),
    );
  });
});
