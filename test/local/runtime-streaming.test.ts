import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import type { FunctionVersion } from "../../src/local/function-version.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { functionOf, invoke } from "./function-fixture.ts";

const runtime = new FunctionRuntime({ onLog: () => {} });
let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
});
afterAll(async () => {
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

/** A function whose handler streams: `body` sees event, stream and context, and the modules fs and events. */
function streaming(body: string, changes: Partial<FunctionVersion> = {}): FunctionVersion {
  const code = `const fs = require("node:fs"); const { once } = require("node:events");
    exports.handler = awslambda.streamifyResponse(async (event, stream, context) => { ${body} });`;
  return functionOf({ "index.js": code }, { runtime: "nodejs24.x", ...changes });
}

function stream(fn: FunctionVersion, event: unknown = {}) {
  return runtime.invokeStreaming(fn, Buffer.from(JSON.stringify(event)), randomUUID());
}

async function readAll(chunks: AsyncIterable<Buffer>): Promise<string> {
  let text = "";
  for await (const chunk of chunks) {
    text += chunk.toString();
  }
  return text;
}

describe("an answer that is streamed", () => {
  it("arrives while the function still works on it", async () => {
    const go = join(folder, "go");
    const fn = streaming(`
      stream.setContentType("text/plain");
      stream.write("first ");
      while (!fs.existsSync(event.go)) await new Promise(setImmediate);
      stream.write({ an: "object" });
      stream.end();`);
    const { contentType, chunks, result } = stream(fn, { go });
    expect(await contentType).toBe("text/plain");
    let text = "";
    for await (const chunk of chunks) {
      text += chunk.toString();
      await writeFile(go, "");
    }
    expect(text).toBe('first {"an":"object"}');
    expect(await result).toEqual({ payload: Buffer.alloc(0), logTail: expect.stringContaining("REPORT RequestId: ") });
  });

  it("is binary unless the function says otherwise, and may be empty", async () => {
    const { contentType, chunks, result } = stream(streaming("stream.end();"));
    expect(await contentType).toBe("application/octet-stream");
    expect(await readAll(chunks)).toBe("");
    expect((await result).functionError).toBeUndefined();
  });

  it("begins with the metadata of HttpResponseStream.from", async () => {
    const fn = streaming(`
      const http = awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { a: "b" }, cookies: ["c=d"] });
      http.write("body");
      http.end();`);
    const { contentType, chunks } = stream(fn);
    expect(await contentType).toBe("application/vnd.awslambda.http-integration-response");
    expect(await readAll(chunks)).toBe(`{"statusCode":201,"headers":{"a":"b"},"cookies":["c=d"]}${"\0".repeat(8)}body`);
  });

  it("makes the function wait for a slow reader", async () => {
    const stalled = join(folder, "stalled");
    const fn = streaming(`
      const chunk = Buffer.alloc(1024 * 1024);
      for (let i = 0; i < 32; i++) {
        if (stream.write(chunk)) continue;
        const slow = setTimeout(() => fs.writeFileSync(event.stalled, String(i)), 300);
        await once(stream, "drain");
        clearTimeout(slow);
      }
      stream.end();`);
    const { chunks, result } = stream(fn, { stalled });
    await vi.waitUntil(() => existsSync(stalled), { timeout: 20_000 });
    expect(Number(await readFile(stalled, "utf8"))).toBeLessThan(31);
    let bytes = 0;
    for await (const chunk of chunks) {
      bytes += chunk.length;
    }
    expect(bytes).toBe(32 * 1024 * 1024);
    expect((await result).functionError).toBeUndefined();
  });

  it("goes on without its reader", async () => {
    const done = join(folder, "done");
    const fn = streaming(`
      for (let i = 0; i < 32; i++) {
        if (!stream.write(Buffer.alloc(1024 * 1024))) await once(stream, "drain");
      }
      stream.end();
      fs.writeFileSync(event.done, "");`);
    const { chunks, result } = stream(fn, { done });
    for await (const chunk of chunks) {
      expect(chunk.length).toBeGreaterThan(0);
      break;
    }
    expect((await result).functionError).toBeUndefined();
    expect(existsSync(done)).toBe(true);
  });

  it("leaves the process warm, and lets it log after the end of the answer", async () => {
    const fn = streaming(`
      globalThis.n = (globalThis.n ?? 0) + 1;
      stream.end("n" + globalThis.n);
      await new Promise((resolve) => stream.on("finish", () => setImmediate(resolve)));
      console.log("late");`);
    const first = stream(fn);
    expect(await readAll(first.chunks)).toBe("n1");
    expect((await first.result).logTail).toContain("\tlate\n");
    expect(await readAll(stream(fn).chunks)).toBe("n2");
  });
});

describe("a streaming function that fails", () => {
  it("ends its answer early and says why", async () => {
    const fn = streaming(`
      if (!event.bad) return stream.end("fine");
      stream.write("half");
      await new Promise(setImmediate);
      throw new RangeError("lost");`);
    const { chunks, result } = stream(fn, { bad: true });
    expect(await readAll(chunks)).toBe("half");
    const { payload, functionError, logTail } = await result;
    expect(functionError).toBe("Unhandled");
    expect(JSON.parse(payload.toString())).toMatchObject({ errorType: "RangeError", errorMessage: "lost" });
    expect(logTail).toContain("Invoke Error");
    expect(await readAll(stream(fn).chunks)).toBe("fine");
  });

  it("says so when it had not begun to answer, and when it is no promise that it returns", async () => {
    const { contentType, chunks, result } = stream(streaming("throw new Error('at once');"));
    expect(await readAll(chunks)).toBe("");
    expect(await contentType).toBe("application/octet-stream");
    expect(JSON.parse((await result).payload.toString())).toMatchObject({ errorMessage: "at once" });
    const files = {
      "index.js": "exports.handler = awslambda.streamifyResponse((event, stream) => { stream.end(); });",
    };
    const sync = stream(functionOf(files));
    expect(await readAll(sync.chunks)).toBe("");
  });

  it("reports a crash in the middle", async () => {
    const fn = streaming(`
      stream.write("half");
      await new Promise(setImmediate);
      if (event.exit) process.exit(3);
      setImmediate(() => { throw new TypeError("loose"); });
      await new Promise(() => setTimeout(() => {}, 60000));`);
    const exit = stream(fn, { exit: true });
    expect(await readAll(exit.chunks)).toBe("half");
    expect(JSON.parse((await exit.result).payload.toString())).toMatchObject({ errorType: "Runtime.ExitError" });
    const loose = stream(fn);
    expect(await readAll(loose.chunks)).toBe("half");
    expect(JSON.parse((await loose.result).payload.toString())).toMatchObject({ errorType: "TypeError" });
  });

  it("is stopped when its time is up", async () => {
    const fn = streaming('stream.write("half");', { timeoutSeconds: 1 });
    const { chunks, result } = stream(fn);
    expect(await readAll(chunks)).toBe("half");
    expect(JSON.parse((await result).payload.toString())).toMatchObject({ errorType: "Sandbox.Timedout" });
  });
});

describe("without a stream on either side", () => {
  it("a streamed answer is collected, up to 6 MB", async () => {
    const fn = streaming(`stream.end(JSON.stringify("x".repeat(event.size)));`);
    expect((await invoke(runtime, fn, { size: 3 })).value).toBe("xxx");
    expect(await invoke(runtime, fn, { size: 6_291_556 })).toMatchObject({
      functionError: "Unhandled",
      value: { errorType: "Function.ResponseSizeTooLarge" },
    });
  });

  it("an answer that is not streamed comes in one piece, and no function is refused for its third parameter", async () => {
    const { contentType, chunks, result } = stream(functionOf({ "index.js": "exports.handler = async () => [1];" }));
    expect(await contentType).toBeUndefined();
    expect(await readAll(chunks)).toBe("[1]");
    expect((await result).payload).toHaveLength(0);
  });

  it("a function that cannot be run ends the stream", async () => {
    const { contentType, chunks, result } = stream(functionOf({ bootstrap: "" }, { runtime: "provided.al2023" }));
    expect(await contentType).toBeUndefined();
    expect(await readAll(chunks)).toBe("");
    expect((await result).functionError).toBe("Unhandled");
  });
});
