// The streaming door behind a function URL of the local AWS: pieces arrive while the upstream still holds the rest back.
import { readdir, readFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { join } from "node:path";
import * as lambda from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { createFunction, startAccount, type TestAccount } from "../local/control-plane-support.ts";
import { makePublic } from "../local/lambda-fixture.ts";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { readDirect } from "./support/events.ts";
import { beginEvents, chunk, sendJson, sse, startUpstream, type Upstream } from "./support/upstream.ts";

const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const messages = [{ role: "user" as const, content: "Hi" }];
const FunctionName = "streaming";

let aws: TestAccount;
let upstream: Upstream;
let bundle: Bundle;
let url: string;
let client: OpenAI;
/** Answers of the upstream that a test goes on with. */
const held: ServerResponse[] = [];
let failures = 0;

beforeAll(async () => {
  aws = await startAccount();
  upstream = await startUpstream((request, response) => {
    const { model } = JSON.parse(request.body);
    if (model === "refusing") return sendJson(response, 400, { error: { message: "no such voice" } });
    if (model === "late" && failures++ === 0) return sendJson(response, 500, {});
    held.push(beginEvents(response, event(chunk({ content: "Go" }))));
  });
  const model = (name: string) => ({ backend: "openai", baseUrl: upstream.url, model: name });
  const models = {
    default: model("good"),
    refusing: model("refusing"),
    late: model("late"),
    echo: { backend: "echo" },
  };
  bundle = await bundleHandler(tableOf(models));
  const names = await readdir(bundle.folder);
  const files = names.map(async (name) => [name, await readFile(join(bundle.folder, name))] as const);
  await createFunction(aws, FunctionName, {
    Runtime: "nodejs22.x",
    Handler: "index.stream",
    Timeout: 4,
    Code: { ZipFile: zipSync(Object.fromEntries(await Promise.all(files))) },
  });
  await makePublic(aws, FunctionName);
  const { FunctionUrl = "" } = await aws.lambda.send(
    new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE", InvokeMode: "RESPONSE_STREAM" }),
  );
  url = FunctionUrl;
  client = new OpenAI({ baseURL: `${url}v1`, apiKey: "not-checked", maxRetries: 0 });
});
afterAll(async () => {
  await Promise.all([aws.close(), upstream.close(), bundle.remove()]);
});

/** Starts a stream and reads its first two chunks: the role, and the upstream's first word. */
async function begin(model = "default") {
  const { data, response } = await client.chat.completions.create({ model, messages, stream: true }).withResponse();
  const chunks = data[Symbol.asyncIterator]();
  const choice = async () => (await chunks.next()).value?.choices[0];
  expect((await choice())?.delta.role).toBe("assistant");
  expect((await choice())?.delta.content).toBe("Go");
  return { choice, response, upstreamAnswer: held.pop() };
}

it("sends each piece as it comes", async () => {
  const { choice, response, upstreamAnswer } = await begin();
  expect(response.headers.get("content-type")).toBe("text/event-stream; charset=utf-8");
  expect(response.headers.get("x-llm-gw-backend")).toBe("openai");
  expect(response.headers.get("x-llm-gw-attempts")).toBe("1");
  expect(response.headers.get("x-request-id")).toBeTruthy();
  upstreamAnswer?.write(event(chunk({ content: " on" })));
  expect((await choice())?.delta.content).toBe(" on");
  upstreamAnswer?.end(sse(chunk({}, "stop")));
  expect((await choice())?.finish_reason).toBe("stop");
  expect(await choice()).toBeUndefined();
});

it("tries again only before the first piece", async () => {
  const { choice, response, upstreamAnswer } = await begin("late");
  expect(response.headers.get("x-llm-gw-attempts")).toBe("2");
  const asked = upstream.requests.length;
  upstreamAnswer?.destroy();
  await expect(choice()).rejects.toThrow("no usable answer");
  expect(upstream.requests.length).toBe(asked);
});

it("ends at the deadline with the reason length", async () => {
  const { choice } = await begin();
  expect((await choice())?.finish_reason).toBe("length");
  expect(await choice()).toBeUndefined();
  await upstream.abandoned;
});

it("answers an error before the first piece with its status", async () => {
  const request = client.chat.completions.create({ model: "refusing", messages, stream: true });
  await expect(request).rejects.toThrow(OpenAI.BadRequestError);
});

it("answers in one piece what is not to be streamed", async () => {
  const completion = await client.chat.completions.create({ model: "echo", messages });
  expect(completion.choices[0]?.message.content).toBe("[echo backend] Hi");
  expect((await client.models.list()).data).toHaveLength(4);
});

it("takes the bare body of a direct invocation", async () => {
  const Payload = JSON.stringify({ prompt: "Hi", model: "echo" });
  const command = new lambda.InvokeWithResponseStreamCommand({ FunctionName, Payload: Buffer.from(Payload) });
  let text = "";
  for await (const { PayloadChunk } of (await aws.lambda.send(command)).EventStream ?? []) {
    text += Buffer.from(PayloadChunk?.Payload ?? []).toString();
  }
  expect(readDirect(JSON.parse(text)).answer?.output).toBe("[echo backend] Hi");
});
