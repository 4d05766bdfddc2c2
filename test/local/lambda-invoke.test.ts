import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { MeteredRuntime } from "../../src/local/metered-runtime.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { deliver } from "../../src/local/services/lambda-async.ts";
import { createFunction, startAccount, type TestAccount, zipOf } from "./control-plane-support.ts";
import { functionOf } from "./function-fixture.ts";
import { GATED } from "./lambda-fixture.ts";

let aws: TestAccount;
let folder: string;
const runtime = new FunctionRuntime({ onLog: () => {} });
beforeAll(async () => {
  aws = await startAccount();
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
  const source = "export const handler = async (event) => { if (event.fail) throw new Error('no'); return event; };";
  await createFunction(aws, "f", { Code: { ZipFile: zipOf(source) }, Publish: true });
});
afterAll(async () => {
  await aws.close();
  await runtime.close();
  await rm(folder, { recursive: true, force: true });
});

async function stream(event: object, input: Partial<lambda.InvokeWithResponseStreamCommandInput> = {}) {
  const Payload = JSON.stringify(event);
  const answer = await aws.lambda.send(
    new lambda.InvokeWithResponseStreamCommand({ FunctionName: "f", Payload, ...input }),
  );
  const chunks: Uint8Array[] = [];
  let complete: lambda.InvokeWithResponseStreamCompleteEvent | undefined;
  for await (const part of answer.EventStream ?? []) {
    if (part.PayloadChunk?.Payload !== undefined) chunks.push(part.PayloadChunk.Payload);
    complete = part.InvokeComplete ?? complete;
  }
  return { ...answer, text: Buffer.concat(chunks).toString(), complete };
}

test("a streamed answer comes in events the AWS SDK reads, with the version that ran", async () => {
  const answer = await stream({ a: "é" }, { Qualifier: "1", LogType: "Tail" });
  expect(answer).toMatchObject({
    StatusCode: 200,
    ExecutedVersion: "1",
    ResponseStreamContentType: "application/vnd.amazon.eventstream",
    text: '{"a":"é"}',
  });
  expect(answer.complete?.ErrorCode).toBeUndefined();
  expect(Buffer.from(answer.complete?.LogResult ?? "", "base64").toString()).toContain("REPORT RequestId:");
});

test("a failed streamed invocation ends with the error, and without a log nobody asked for", async () => {
  const { text, complete } = await stream({ fail: true });
  expect(text).toBe("");
  expect(complete).toMatchObject({ ErrorCode: "Unhandled", ErrorDetails: expect.stringContaining('"no"') });
  expect(complete?.LogResult).toBeUndefined();
});

test("a dry run of a stream runs nothing", async () => {
  const { StatusCode } = await aws.lambda.send(
    new lambda.InvokeWithResponseStreamCommand({ FunctionName: "f", InvocationType: "DryRun" }),
  );
  expect(StatusCode).toBe(204);
});

test("a function error is told apart from an answer", async () => {
  const failed = await aws.lambda.send(new lambda.InvokeCommand({ FunctionName: "f", Payload: '{"fail":true}' }));
  expect(failed).toMatchObject({ StatusCode: 200, FunctionError: "Unhandled", ExecutedVersion: "$LATEST" });
  const fine = await aws.lambda.send(new lambda.InvokeCommand({ FunctionName: "f" }));
  expect(fine.FunctionError).toBeUndefined();
});

test("an event is taken at once and delivered later", async () => {
  await createFunction(aws, "later", { Code: { ZipFile: GATED } });
  const started = join(folder, "started");
  const { StatusCode } = await aws.lambda.send(
    new lambda.InvokeCommand({
      FunctionName: "later",
      InvocationType: "Event",
      Payload: JSON.stringify({ started }),
    }),
  );
  expect(StatusCode).toBe(202);
  await vi.waitUntil(() => existsSync(started), { timeout: 20_000 });
});

test("a failed event is tried twice more, after one and after two minutes", async () => {
  const fn = functionOf({ "index.js": "exports.handler = async () => { throw new Error('no'); };" });
  const waits: number[] = [];
  let attempts = 0;
  const attempt = async () => {
    attempts += 1;
    return runtime.invoke(fn, Buffer.from("{}"), "request");
  };
  await deliver(attempt, async (ms) => waits.push(ms));
  expect([attempts, waits]).toEqual([3, [60_000, 120_000]]);
});

test("a throttled event is tried for six hours, ever more slowly", async () => {
  const pool = { name: "none", limit: 0, reason: "ReservedFunctionConcurrentInvocationLimitExceeded" };
  const metered = new MeteredRuntime(runtime, () => pool);
  const fn = functionOf({ "index.js": "exports.handler = async () => 1;" });
  const waits: number[] = [];
  await deliver(
    () => metered.invoke(fn, Buffer.from("{}"), "request"),
    async (ms) => waits.push(ms),
  );
  expect(waits.slice(0, 10)).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 300].map((seconds) => seconds * 1000));
  const total = waits.reduce((sum, ms) => sum + ms, 0);
  expect(total).toBeLessThanOrEqual(21_600_000);
  expect(total).toBeGreaterThan(21_600_000 - 300_000);
});

test("an event for a function that is gone is thrown away", async () => {
  const gone = async () => {
    throw new Error("gone");
  };
  await deliver(gone, () => Promise.reject(new Error("waited for a deleted function")));
});

test("functions without a reservation share what the account has left", async () => {
  const pool = { name: "us-east-1", limit: 0, reason: "ConcurrentInvocationLimitExceeded" };
  const fn = functionOf({ "index.js": "exports.handler = async () => 1;" });
  const full = new MeteredRuntime(runtime, () => pool);
  await expect(full.invoke(fn, Buffer.from("{}"), "request")).rejects.toMatchObject({
    status: 429,
    members: { Reason: "ConcurrentInvocationLimitExceeded" },
  });
});
