import type { ServerResponse } from "node:http";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { sendEvents } from "./support/bedrock-events.ts";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readError, readHttp, readResult } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { Sha256 } from "./support/sha256.ts";
import { deadAddress, sendJson, startUpstream, type Upstream, type UpstreamRequest } from "./support/upstream.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example-secret", sessionToken: "example-session" };
const usage = { inputTokens: 4, outputTokens: 6, totalTokens: 10 };

function converse(response: ServerResponse, stopReason: string, texts: readonly string[] = ["Good ", "day."]) {
  const deltas = texts.map((text) => ["contentBlockDelta", { contentBlockIndex: 0, delta: { text } }] as const);
  sendEvents(response, [
    ["messageStart", { role: "assistant" }],
    ...deltas,
    ["contentBlockStop", { contentBlockIndex: 0 }],
    ["messageStop", { stopReason }],
    ["metadata", { usage, metrics: { latencyMs: 5 } }],
  ]);
}

function fail(response: ServerResponse, status: number, name: string, headers: Record<string, string> = {}) {
  sendJson(
    response,
    status,
    { message: `${name} for arn:aws:iam::1:role/x` },
    { "x-amzn-errortype": name, ...headers },
  );
}

/** How Bedrock behaves for each model id, which is also the alias. */
const behaviours: Record<string, (response: ServerResponse) => void> = {
  "amazon.nova-micro-v1:0": (response) => converse(response, "end_turn"),
  stop_sequence: (response) => converse(response, "stop_sequence"),
  max_tokens: (response) => converse(response, "max_tokens"),
  model_context_window_exceeded: (response) => converse(response, "model_context_window_exceeded"),
  tool_use: (response) => converse(response, "tool_use"),
  guardrail_intervened: (response) => converse(response, "guardrail_intervened"),
  content_filtered: (response) => converse(response, "content_filtered"),
  thinking: (response) =>
    sendEvents(response, [
      ["messageStart", { role: "assistant" }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { reasoningContent: { text: "Hm" } } }],
      ["contentBlockStop", { contentBlockIndex: 0 }],
      ["contentBlockDelta", { contentBlockIndex: 1, delta: { text: "42" } }],
      ["messageStop", { stopReason: "end_turn" }],
    ]),
  calling: (response) =>
    sendEvents(response, [
      ["messageStart", { role: "assistant" }],
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Let me look." } }],
      ["contentBlockStart", { contentBlockIndex: 1, start: { toolUse: { toolUseId: "t1", name: "weather" } } }],
      ["contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input: '{"city":' } } }],
      ["contentBlockDelta", { contentBlockIndex: 1, delta: { toolUse: { input: '"Oslo"}' } } }],
      ["contentBlockStop", { contentBlockIndex: 1 }],
      ["contentBlockStart", { contentBlockIndex: 2, start: { toolUse: { toolUseId: "t2", name: "time" } } }],
      ["contentBlockStop", { contentBlockIndex: 2 }],
      ["messageStop", { stopReason: "tool_use" }],
      ["metadata", { usage, metrics: { latencyMs: 5 } }],
    ]),
  breaking: (response) =>
    sendEvents(response, [["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Go" } }]]),
  throttled_late: (response) => sendEvents(response, [["throttlingException", { message: "slow" }]]),
  failing_late: (response) =>
    sendEvents(response, [
      ["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Go" } }],
      ["modelStreamErrorException", { message: "arn:aws:iam::1:role/x" }],
    ]),
  throttled: (response) => fail(response, 429, "ThrottlingException", { "retry-after": "30" }),
  unready: (response) => fail(response, 429, "ModelNotReadyException"),
  quota: (response) => fail(response, 400, "ServiceQuotaExceededException"),
  invalid: (response) => fail(response, 400, "ValidationException"),
  denied: (response) => fail(response, 403, "AccessDeniedException"),
  timeout: (response) => fail(response, 408, "ModelTimeoutException"),
  internal: (response) => fail(response, 500, "InternalServerException"),
  unknown: (response) => fail(response, 418, "TeapotException"),
  garbled: (response) => response.writeHead(200, { "content-type": "application/json" }).end("<html>"),
  empty: (response) => sendJson(response, 200, {}),
  silent: () => {},
};

let upstream: Upstream;
let bundle: Bundle;
let fn: RunningFunction;

function start(endpoint: string): RunningFunction {
  return startFunction(bundle.folder, {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: endpoint,
  });
}

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    const model = decodeURIComponent(request.path.split("/")[2] ?? "");
    behaviours[model]?.(response);
  });
  const aliases = Object.keys(behaviours).map((model) => [model, { backend: "bedrock", model }]);
  bundle = await bundleHandler(tableOf(Object.fromEntries(aliases)));
  fn = start(upstream.url);
});
afterAll(async () => {
  await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);
});

async function ask(model: string, more: object = {}, target = fn, remainingMs?: number) {
  return readHttp(await target.invoke(httpEvent(JSON.stringify({ prompt: "Hi", model, ...more })), remainingMs));
}

async function chat(model: string, request: object) {
  const event = httpEvent(JSON.stringify({ model, ...request }), { path: "/v1/chat/completions" });
  return readResult(await fn.invoke(event));
}

/** What the function has sent to Bedrock for this chat completion request. */
async function sent(request: object): Promise<unknown> {
  const { status, text } = await chat("amazon.nova-micro-v1:0", request);
  if (status !== 200) throw new Error(text);
  return JSON.parse(upstream.requests.at(-1)?.body ?? "");
}

/** The Authorization header that this very request ought to carry. */
async function expectedAuthorization(request: UpstreamRequest): Promise<string | undefined> {
  const signedNames = /SignedHeaders=([^,]+)/.exec(request.headers.authorization ?? "")?.[1]?.split(";") ?? [];
  const headers = Object.fromEntries(signedNames.map((name) => [name, String(request.headers[name])]));
  const signer = new SignatureV4({ credentials, region: "eu-west-1", service: "bedrock", sha256: Sha256 });
  const stamp = String(request.headers["x-amz-date"]);
  const signingDate = new Date(stamp.replace(/(....)(..)(..T..)(..)(..Z)/, "$1-$2-$3:$4:$5"));
  const { path, method, body } = request;
  const signed = await signer.sign(new HttpRequest({ method, path, headers, body }), { signingDate });
  return signed.headers.authorization;
}

describe("what is sent to Bedrock", () => {
  it("is a signed ConverseStream request", async () => {
    await ask("amazon.nova-micro-v1:0", { max_tokens: 50 });
    const request = upstream.requests.at(-1);
    if (request === undefined) throw new Error("nothing arrived");
    expect(request).toMatchObject({ method: "POST", path: "/model/amazon.nova-micro-v1%3A0/converse-stream" });
    expect(JSON.parse(request.body)).toEqual({
      messages: [{ role: "user", content: [{ text: "Hi" }] }],
      inferenceConfig: { maxTokens: 50 },
    });
    expect(request.headers.authorization).toBe(await expectedAuthorization(request));
  });
});

describe("a chat completion request", () => {
  const user = { role: "user", content: "Hi" };
  const hi = { role: "user", content: [{ text: "Hi" }] };

  it("has its settings where Converse has them", async () => {
    const settings = { max_completion_tokens: 9, temperature: 0.5, top_p: 0.9, stop: ["END", "STOP"] };
    const system = { role: "system", content: "Be kind." };
    const request = { messages: [system, user, { role: "developer", content: "Be short." }], ...settings };
    expect(await sent({ ...request, parallel_tool_calls: true, fruit: 1 })).toEqual({
      system: [{ text: "Be kind." }, { text: "Be short." }],
      messages: [hi],
      inferenceConfig: { maxTokens: 9, temperature: 0.5, topP: 0.9, stopSequences: ["END", "STOP"] },
    });
    expect(await sent({ messages: [user], stop: "END" })).toMatchObject({
      inferenceConfig: { stopSequences: ["END"] },
    });
  });

  it("takes the results of tools as the user's, and joins what is one turn", async () => {
    const tool_calls = [
      { id: "t1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } },
      { id: "t2", type: "function", function: { name: "time", arguments: "" } },
    ];
    const parameters = { type: "object", properties: { city: { type: "string" } } };
    const body = await sent({
      messages: [
        user,
        { role: "user", content: [{ type: "text", text: "Weather?" }] },
        { role: "assistant", content: null, tool_calls },
        { role: "tool", tool_call_id: "t1", content: "Rain" },
        { role: "tool", tool_call_id: "t2", content: [{ type: "text", text: "Noon" }] },
        { role: "assistant", content: " " },
        user,
      ],
      tools: [
        { type: "function", function: { name: "weather", description: "Now", parameters, strict: true } },
        { type: "function", function: { name: "time" } },
      ],
      tool_choice: "required",
    });
    expect(body).toMatchObject({
      messages: [
        { role: "user", content: [{ text: "Hi" }, { text: "Weather?" }] },
        {
          role: "assistant",
          content: [
            { toolUse: { toolUseId: "t1", name: "weather", input: { city: "Oslo" } } },
            { toolUse: { toolUseId: "t2", name: "time", input: {} } },
          ],
        },
        {
          role: "user",
          content: [
            { toolResult: { toolUseId: "t1", content: [{ text: "Rain" }] } },
            { toolResult: { toolUseId: "t2", content: [{ text: "Noon" }] } },
          ],
        },
        { role: "assistant", content: [] },
        hi,
      ],
      toolConfig: {
        tools: [
          { toolSpec: { name: "weather", description: "Now", inputSchema: { json: parameters }, strict: true } },
          { toolSpec: { name: "time", inputSchema: { json: { type: "object", properties: {} } } } },
        ],
        toolChoice: { any: {} },
      },
    });
  });

  it.each([
    ["auto", { auto: {} }],
    [{ type: "function", function: { name: "f" } }, { tool: { name: "f" } }],
    [undefined, undefined],
  ])("maps the tool choice %j", async (tool_choice, toolChoice) => {
    const tools = [{ type: "function", function: { name: "f" } }];
    const body = await sent({ messages: [user], tools, tool_choice });
    const inputSchema = { json: { type: "object", properties: {} } };
    expect(body).toHaveProperty("toolConfig", { tools: [{ toolSpec: { name: "f", inputSchema } }], toolChoice });
  });

  it("sends no tools when none may be called", async () => {
    const tools = [{ type: "function", function: { name: "f" } }];
    expect(await sent({ messages: [user], tools, tool_choice: "none" })).not.toHaveProperty("toolConfig");
  });

  it("has images and a JSON schema", async () => {
    const data = Buffer.from("picture").toString("base64");
    const image = { type: "image_url", image_url: { url: `data:image/png;base64,${data}` } };
    const schema = { type: "object" };
    const response_format = { type: "json_schema", json_schema: { name: "answer", schema } };
    expect(await sent({ messages: [{ role: "user", content: [image] }], response_format })).toMatchObject({
      messages: [{ role: "user", content: [{ image: { format: "png", source: { bytes: data } } }] }],
      outputConfig: {
        textFormat: {
          type: "json_schema",
          structure: { jsonSchema: { name: "answer", schema: JSON.stringify(schema) } },
        },
      },
    });
  });

  const withUrl = (url: string) => ({
    messages: [user, { role: "user", content: [{ type: "image_url", image_url: { url } }] }],
  });
  const withArguments = (json: string) => ({
    messages: [
      user,
      {
        role: "assistant",
        tool_calls: [{ id: "t", type: "function", function: { name: "f", arguments: json } }],
      },
    ],
  });
  it.each([
    ["seed", { seed: 1 }],
    ["frequency_penalty", { frequency_penalty: 1 }],
    ["logit_bias", { logit_bias: {} }],
    ["reasoning_effort", { reasoning_effort: "low" }],
    ["parallel_tool_calls", { parallel_tool_calls: false }],
    ["response_format", { response_format: { type: "json_object" } }],
    ["messages[1].content[0].image_url.url", withUrl("https://example.com/a.png")],
    ["messages[1].content[0].image_url.url", withUrl("data:image/bmp;base64,AAAA")],
    ["messages[1].tool_calls[0].function.arguments", withArguments("{")],
    ["messages[1].tool_calls[0].function.arguments", withArguments("[]")],
  ])("is refused for %s, which Converse has no place for", async (param, request) => {
    const { status, text } = await chat("amazon.nova-micro-v1:0", { messages: [user], ...request });
    expect(status).toBe(400);
    expect(readError(JSON.parse(text))).toMatchObject({ param });
  });
});

describe("what comes back", () => {
  it("is the text of all parts", async () => {
    const { status, body } = await ask("amazon.nova-micro-v1:0");
    expect(status).toBe(200);
    expect(body.answer).toMatchObject({
      model: "amazon.nova-micro-v1:0",
      output: "Good day.",
      usage: { prompt_tokens: 4, completion_tokens: 6, total_tokens: 10 },
    });
    expect((await ask("thinking")).body.answer?.output).toBe("42");
  });

  it("is tool calls, numbered from 0 and with whole arguments", async () => {
    const { status, text } = await chat("calling", { messages: [{ role: "user", content: "Weather?" }] });
    expect(status).toBe(200);
    const call = (id: string, name: string, json: string) => ({
      id,
      type: "function",
      function: { name, arguments: json },
    });
    expect(JSON.parse(text).choices).toEqual([
      {
        index: 0,
        message: {
          role: "assistant",
          content: "Let me look.",
          refusal: null,
          tool_calls: [call("t1", "weather", '{"city":"Oslo"}'), call("t2", "time", "{}")],
        },
        logprobs: null,
        finish_reason: "tool_calls",
      },
    ]);
  });

  it.each([
    ["amazon.nova-micro-v1:0", "stop"],
    ["stop_sequence", "stop"],
    ["max_tokens", "length"],
    ["model_context_window_exceeded", "length"],
    ["tool_use", "tool_calls"],
    ["guardrail_intervened", "content_filter"],
    ["content_filtered", "content_filter"],
  ])("%s finishes with %s", async (model, reason) => {
    expect((await ask(model)).body.answer?.finish_reason).toBe(reason);
  });

  it.each([
    ["throttled", 429, "rate_limit_exceeded"],
    ["unready", 429, "rate_limit_exceeded"],
    ["quota", 429, "rate_limit_exceeded"],
    ["invalid", 400, "upstream_refused"],
    ["denied", 502, "upstream_error"],
    ["timeout", 504, "deadline_exceeded"],
    ["internal", 502, "upstream_error"],
    ["unknown", 502, "upstream_error"],
    ["garbled", 502, "upstream_error"],
    ["empty", 502, "upstream_error"],
    ["breaking", 502, "upstream_error"],
    ["throttled_late", 429, "rate_limit_exceeded"],
    ["failing_late", 502, "upstream_error"],
  ])("is an error for %s: %i %s", async (model, expected, code) => {
    const { status, headers, body } = await ask(model);
    expect(status).toBe(expected);
    expect(body.error?.code).toBe(code);
    expect(headers["retry-after"]).toBe(model === "throttled" ? "30" : undefined);
    if (model !== "invalid") expect(body.error?.message).not.toContain("arn:");
  });

  it("is a 504 at the deadline, and the request is aborted", async () => {
    await ask("max_tokens"); // the deadline is for the answer, not for loading the SDK
    const { status, headers } = await ask("silent", {}, fn, 1500);
    expect(status).toBe(504);
    expect(headers["x-should-retry"]).toBe("false");
    await upstream.abandoned;
  });

  it("is a 502 when nothing listens", async () => {
    const lonely = start(await deadAddress());
    const { status, body } = await ask("invalid", {}, lonely);
    await lonely.stop();
    expect(status).toBe(502);
    expect(body.error?.message).toContain("ECONNREFUSED");
  });
});

it("prints nothing but its log lines, on every Node", async () => {
  const quiet = start(upstream.url);
  await ask("invalid", {}, quiet);
  const { stdout, stderr } = await quiet.stop();
  expect(stderr).toBe("");
  expect(JSON.parse(stdout)).toMatchObject({
    "gen_ai.provider.name": "aws.bedrock",
    "http.response.status_code": 400,
    "llm_gw.reason": "ValidationException",
  });
});
