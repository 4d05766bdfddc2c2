import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFunction, startAccount, type TestAccount, zipOf } from "./control-plane-support.ts";
import { makePublic } from "./lambda-fixture.ts";

/** Writes "first", waits for the file `go`, then writes the rest, or fails. */
const STREAMER = zipOf(`import { existsSync } from "node:fs";
export const handler = awslambda.streamifyResponse(async (event, stream) => {
  const { go, fail, plain } = event.queryStringParameters ?? event;
  const out = plain
    ? stream
    : awslambda.HttpResponseStream.from(stream, { statusCode: 201, headers: { "x-a": "1" }, cookies: ["c=1"] });
  if (plain) out.setContentType("text/event-stream");
  out.write("first ");
  while (go && !existsSync(go)) await new Promise(setImmediate);
  if (fail) throw new Error("broken");
  out.write("last");
  out.end();
});`);

let aws: TestAccount;
let folder: string;
let url = "";
const FunctionName = "s";
beforeAll(async () => {
  aws = await startAccount();
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
  await createFunction(aws, FunctionName, { Runtime: "nodejs22.x", Timeout: 30, Code: { ZipFile: STREAMER } });
  await makePublic(aws, FunctionName);
  const { FunctionUrl } = await aws.lambda.send(
    new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" }),
  );
  url = FunctionUrl ?? "";
});
afterAll(async () => {
  await aws.close();
  await rm(folder, { recursive: true, force: true });
});

test("a URL in stream mode sends what the function writes while it still runs", async () => {
  const go = join(folder, "url");
  const response = await fetch(`${url}?go=${encodeURIComponent(go)}`);
  expect([response.status, response.headers.get("x-a"), response.headers.getSetCookie()]).toEqual([201, "1", ["c=1"]]);
  const reader = response.body?.getReader();
  const first = await reader?.read();
  expect(Buffer.from(first?.value ?? []).toString()).toBe("first ");
  expect(existsSync(go)).toBe(false);
  await writeFile(go, "");
  const last = await reader?.read();
  expect(Buffer.from(last?.value ?? []).toString()).toBe("last");
});

test("a stream without a description keeps the type the function gave it", async () => {
  const response = await fetch(`${url}?plain=1`);
  expect([response.headers.get("content-type"), await response.text()]).toEqual(["text/event-stream", "first last"]);
});

test("a function that fails in the middle of its stream breaks the response off", async () => {
  const go = join(folder, "fail");
  const response = await fetch(`${url}?fail=1&go=${encodeURIComponent(go)}`);
  expect(response.status).toBe(201);
  await writeFile(go, "");
  await expect(response.text()).rejects.toThrow("terminated");
});

test("InvokeWithResponseStream hands on the chunks as they come, and the failure at their end", async () => {
  const go = join(folder, "invoke");
  const { EventStream } = await aws.lambda.send(
    new lambda.InvokeWithResponseStreamCommand({
      FunctionName,
      Payload: JSON.stringify({ plain: true, fail: true, go }),
    }),
  );
  const seen: string[] = [];
  for await (const { PayloadChunk, InvokeComplete } of EventStream ?? []) {
    if (PayloadChunk?.Payload !== undefined) seen.push(Buffer.from(PayloadChunk.Payload).toString());
    if (InvokeComplete !== undefined) seen.push(InvokeComplete.ErrorCode ?? "");
    if (seen.length === 1) await writeFile(go, "");
  }
  expect(seen).toEqual(["first ", "Unhandled"]);
});
