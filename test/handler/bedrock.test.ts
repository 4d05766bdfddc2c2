// What comes back from Bedrock, through the real SDK client.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bedrockAt, beginBedrock, sendEvents } from "./support/bedrock.ts";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readDirect, readHttp, readResult } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { deadAddress, sendJson, startUpstream, type Upstream } from "./support/upstream.ts";

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

type Behaviour = (response: ServerResponse) => void;

/** A ValidationException with each of these messages, under numbered names. */
function invalid(name: string, messages: readonly string[]): Record<string, Behaviour> {
  const headers = { "x-amzn-errortype": "ValidationException" };
  return Object.fromEntries(
    messages.map((message, index) => [
      `${name}_${index}`,
      (response: ServerResponse) => sendJson(response, 400, { message }, headers),
    ]),
  );
}

/** How Bedrock behaves for each model id, which is also the alias. */
const behaviours: Record<string, Behaviour> = {
  "amazon.nova-micro-v1:0": (response) => converse(response, "end_turn"),
  stop_sequence: (response) => converse(response, "stop_sequence"),
  max_tokens: (response) => converse(response, "max_tokens"),
  model_context_window_exceeded: (response) => converse(response, "model_context_window_exceeded"),
  tool_use: (response) => converse(response, "tool_use"),
  guardrail_intervened: (response) => converse(response, "guardrail_intervened"),
  content_filtered: (response) => converse(response, "content_filtered"),
  malformed_model_output: (response) => converse(response, "malformed_model_output", []),
  malformed_tool_use: (response) => converse(response, "malformed_tool_use", []),
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
  ...invalid("unusable", [
    "The provided model identifier is invalid.",
    "Invocation of model ID arn:aws:bedrock:eu-west-1:1:inference-profile/x with on-demand throughput isn’t supported.",
    "The provided model doesn't support on-demand throughput.",
    "This action doesn't support the model that you provided. Try again with a supported text or chat model.",
    "Operation not allowed",
    "The model is unsupported for streaming.",
  ]),
  ...invalid("unable", [
    "This model doesn't support tool use in streaming mode.",
    "This model doesn't support the toolConfig.toolChoice.any field. Remove toolConfig.toolChoice.any and try again.",
  ]),
  denied: (response) => fail(response, 403, "AccessDeniedException"),
  timeout: (response) => fail(response, 408, "ModelTimeoutException"),
  internal: (response) => fail(response, 500, "InternalServerException"),
  unknown: (response) => fail(response, 418, "TeapotException"),
  garbled: (response) => response.writeHead(200, { "content-type": "application/json" }).end("<html>"),
  empty: (response) => sendJson(response, 200, {}),
  silent: () => {},
  stalling: (response) =>
    beginBedrock(response, [["contentBlockDelta", { contentBlockIndex: 0, delta: { text: "Go" } }]]),
};

let upstream: Upstream;
let bundle: Bundle;
let fn: RunningFunction;

function start(endpoint: string): RunningFunction {
  return startFunction(bundle.folder, bedrockAt(endpoint));
}

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    const model = decodeURIComponent(request.path.split("/")[2] ?? "");
    behaviours[model]?.(response);
  });
  const aliases = Object.keys(behaviours).map((model) => [model, { backend: "bedrock", model }]);
  const otherwise = (first: string, second: object) => [
    `${first}_or_other`,
    [{ backend: "bedrock", model: first }, second],
  ];
  const lists = [
    otherwise("unusable_1", { backend: "echo" }),
    otherwise("unable_0", { backend: "bedrock", model: "calling" }),
    otherwise("unable_1", { backend: "bedrock", model: "calling" }),
  ];
  bundle = await bundleHandler(tableOf(Object.fromEntries([...aliases, ...lists])));
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

describe("what comes back", () => {
  it("is the text of all parts", async () => {
    const { status, body } = await ask("amazon.nova-micro-v1:0");
    expect(status).toBe(200);
    expect(body.answer).not.toHaveProperty("truncated");
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
    ["unusable_0", 502, "upstream_error"],
    ["unusable_1", 502, "upstream_error"],
    ["unusable_2", 502, "upstream_error"],
    ["unusable_3", 502, "upstream_error"],
    ["unusable_4", 502, "upstream_error"],
    ["unusable_5", 502, "upstream_error"],
    ["unable_0", 400, "unsupported_field"],
    ["unable_1", 400, "unsupported_field"],
    ["denied", 502, "upstream_error"],
    ["timeout", 504, "deadline_exceeded"],
    ["internal", 502, "upstream_error"],
    ["unknown", 502, "upstream_error"],
    ["garbled", 502, "upstream_error"],
    ["empty", 502, "upstream_error"],
    ["breaking", 502, "upstream_error"],
    ["malformed_model_output", 502, "upstream_error"],
    ["malformed_tool_use", 502, "upstream_error"],
    ["throttled_late", 429, "rate_limit_exceeded"],
    ["failing_late", 502, "upstream_error"],
  ])("is an error for %s: %i %s", async (model, expected, code) => {
    const { status, headers, body } = await ask(model);
    expect(status).toBe(expected);
    expect(body.error?.code).toBe(code);
    if (model.startsWith("malformed")) expect(headers["x-llm-gw-attempts"]).toBe("3");
    expect(headers["retry-after"]).toBe(model === "throttled" ? "30" : undefined);
    if (model !== "invalid") expect(body.error?.message).not.toContain("arn:");
  });

  it("is the next backend's where the configured model cannot be used", async () => {
    const { status, headers } = await ask("unusable_1_or_other");
    expect(status).toBe(200);
    expect(headers["x-llm-gw-backend"]).toBe("echo");
  });

  it.each(["unable_0", "unable_1"])(
    "is the next backend's where the model of the first cannot do it: %s",
    async (model) => {
      const tools = [{ type: "function", function: { name: "weather" } }];
      const { status, headers } = await chat(`${model}_or_other`, {
        messages: [{ role: "user", content: "Weather?" }],
        tools,
        tool_choice: "required",
      });
      expect(status).toBe(200);
      expect(headers["x-llm-gw-attempts"]).toBe("2");
    },
  );

  it("is a 504 at the deadline, and the request is aborted", async () => {
    await ask("max_tokens"); // the deadline is for the answer, not for loading the SDK
    const { status, headers } = await ask("silent", {}, fn, 2000);
    expect(status).toBe(504);
    expect(headers["x-should-retry"]).toBe("false");
    await upstream.abandoned;
  });

  it("is what there is at the deadline", async () => {
    await ask("max_tokens");
    const { status, headers, body } = await ask("stalling", {}, fn, 2000);
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-llm-gw-truncated": "deadline", "x-llm-gw-backend": "bedrock" });
    const truncated = { output: "Go", finish_reason: "length", truncated: "deadline" };
    expect(body.answer).toMatchObject(truncated);
    expect(readDirect(await fn.invoke({ prompt: "Hi", model: "stalling" }, 2000)).answer).toMatchObject(truncated);
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
