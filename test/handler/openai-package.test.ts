// OpenAI's own package against a gateway that the command line has deployed to the local AWS.

import { mkdtemp, rm, writeFile } from "node:fs/promises";
import type { ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import OpenAI from "openai";
import type { ChatCompletionChunk, ChatCompletionCreateParams } from "openai/resources/chat/completions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";
import { beginEvents, chunk, sendJson, sse, startUpstream, type Upstream } from "./support/upstream.ts";

const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const usageChunk = { choices: [], usage };

function toolCall(index: number, call: object) {
  return chunk({ tool_calls: [{ index, ...call }] });
}

/** How the upstream behaves for each model name; the name is also the alias. */
const behaviours: Record<string, (response: ServerResponse) => void> = {
  good: (response) =>
    beginEvents(response).end(
      sse(
        chunk({ role: "assistant", content: "" }),
        chunk({ content: "Good " }),
        chunk({ content: "day ☀" }),
        chunk({}, "stop"),
        usageChunk,
      ),
    ),
  calling: (response) =>
    beginEvents(response).end(
      sse(
        toolCall(0, { id: "call_a", type: "function", function: { name: "weather", arguments: "" } }),
        toolCall(0, { function: { arguments: '{"city":' } }),
        toolCall(0, { function: { arguments: '"Oslo"}' } }),
        toolCall(1, { id: "call_b", type: "function", function: { name: "time", arguments: "{}" } }),
        chunk({}, "tool_calls"),
        usageChunk,
      ),
    ),
  refusing: (response) => beginEvents(response).end(sse(chunk({ refusal: "I will not." }), chunk({}, "stop"))),
  invalid: (response) => sendJson(response, 400, { error: { message: "no such voice" } }),
  limited: (response) => sendJson(response, 429, { error: { message: "slow down" } }, { "retry-after": "60" }),
  failing: (response) => sendJson(response, 501, {}),
  silent: () => {},
  stalling: (response) => beginEvents(response, `data: ${JSON.stringify(chunk({ content: "Go" }))}\n\n`),
};

let aws: TestAws;
let upstream: Upstream;
let folder: string;
let client: OpenAI;

beforeAll(async () => {
  aws = await startAws();
  upstream = await startUpstream((request, response) => behaviours[JSON.parse(request.body).model]?.(response));
  folder = await mkdtemp(join(tmpdir(), "llm-gw-openai-"));
  const models = Object.keys(behaviours).map((name) => [name, `openai:${upstream.url}/v1#${name}`]);
  const config = {
    auth: "none",
    routes: ["POST /inference", "POST /v1/chat/completions", "GET /v1/models", "GET /health"],
    function: { timeout: 3 },
    throttle: { rate: 1000, burst: 1000 },
    models: { default: "echo:", bedrock: "bedrock:amazon.nova-micro-v1:0", ...Object.fromEntries(models) },
  };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify(config));
  const { endpoint } = await llmGwJson(folder, aws.env, ["deploy"]);
  client = new OpenAI({ baseURL: new URL("v1", endpoint).href, apiKey: "not-checked", maxRetries: 0 });
});
afterAll(async () => {
  await Promise.all([aws.close(), upstream.close(), rm(folder, { recursive: true })]);
});

const messages = [{ role: "user", content: "Hi" }] as const;

function ask(model: string, more: Partial<ChatCompletionCreateParams> = {}) {
  return client.chat.completions.create({ model, messages: [...messages], ...more, stream: false });
}

/** The error that `work` ends with. */
async function failure(work: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await Promise.resolve(work).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`no API error: ${error}`);
}

it("lists the models", async () => {
  const models = await client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(["default", "bedrock", ...Object.keys(behaviours)]);
});

it.each([
  ["default", "[echo backend] Hi"],
  ["bedrock", "[echo of the local AWS] Hi"],
  ["good", "Good day ☀"],
])("completes a chat with the model %s", async (model, content) => {
  const completion = await ask(model);
  expect(completion).toMatchObject({ object: "chat.completion", model });
  expect(completion.id).toMatch(/^chatcmpl-/);
  expect(Math.abs(Date.now() / 1000 - completion.created)).toBeLessThan(600);
  expect(completion.choices).toEqual([
    { index: 0, message: { role: "assistant", content, refusal: null }, logprobs: null, finish_reason: "stop" },
  ]);
  expect(completion.usage?.total_tokens).toBeGreaterThan(0);
  expect(completion._request_id).toBeTruthy();
});

it("passes on a refusal", async () => {
  const [choice] = (await ask("refusing")).choices;
  expect(choice?.message).toEqual({ role: "assistant", content: null, refusal: "I will not." });
  if (choice === undefined) throw new Error("no choice");
  await ask("good", { messages: [...messages, choice.message, ...messages] });
  expect(sent()).toMatchObject({ messages: [...messages, { role: "assistant", content: "I will not." }, ...messages] });
});

describe("streaming", () => {
  async function chunks(model: string, include_usage?: boolean): Promise<ChatCompletionChunk[]> {
    const stream = await client.chat.completions.create({
      model,
      messages: [...messages],
      stream: true,
      ...(include_usage === undefined ? {} : { stream_options: { include_usage } }),
    });
    const received: ChatCompletionChunk[] = [];
    for await (const one of stream) received.push(one);
    return received;
  }

  it("gives chunks with a role, the text, a reason to end, and no usage", async () => {
    const received = await chunks("good");
    expect(received.map(({ choices: [choice] }) => [choice?.delta, choice?.finish_reason])).toEqual([
      [{ role: "assistant", content: "", refusal: null }, null],
      [{ content: "Good day ☀" }, null],
      [{}, "stop"],
    ]);
    expect(new Set(received.map(({ id }) => id)).size).toBe(1);
    expect(received.every((one) => one.object === "chat.completion.chunk" && !("usage" in one))).toBe(true);
  });

  it("gives the usage last, when it is asked for", async () => {
    const received = await chunks("good", true);
    expect(received.at(-1)).toMatchObject({ choices: [], usage });
    expect(received.slice(0, -1).every((one) => one.usage === null)).toBe(true);
    expect((await chunks("good", false)).at(-1)?.choices).toHaveLength(1);
  });

  it("gives tool calls that the package puts together", async () => {
    const runner = client.chat.completions.stream({ model: "calling", messages: [...messages], tools });
    const [choice] = (await runner.finalChatCompletion()).choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(choice?.message.tool_calls).toMatchObject(calls);
  });

  it("answers an error with a status, not with a stream", async () => {
    expect(await failure(chunks("invalid"))).toBeInstanceOf(OpenAI.BadRequestError);
  });
});

const parameters = { type: "object", properties: { city: { type: "string" } } };
const tools = [
  { type: "function" as const, function: { name: "weather", description: "Now", parameters } },
  { type: "function" as const, function: { name: "time" } },
];
const calls = [
  { id: "call_a", type: "function" as const, function: { name: "weather", arguments: '{"city":"Oslo"}' } },
  { id: "call_b", type: "function" as const, function: { name: "time", arguments: "{}" } },
];

/** What the upstream was asked last. */
function sent(): unknown {
  return JSON.parse(upstream.requests.at(-1)?.body ?? "");
}

it("calls tools, and takes their results", async () => {
  const tool_choice = { type: "function" as const, function: { name: "weather" } };
  const [choice] = (await ask("calling", { tools, tool_choice })).choices;
  expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null, tool_calls: calls } });
  expect(sent()).toMatchObject({ tools, tool_choice });
  if (choice === undefined) throw new Error("no choice");

  const results = [
    { role: "tool" as const, tool_call_id: "call_a", content: "Rain" },
    { role: "tool" as const, tool_call_id: "call_b", content: "Noon" },
  ];
  await ask("good", { messages: [...messages, choice.message, ...results], tools });
  expect(sent()).toMatchObject({
    messages: [...messages, { role: "assistant", content: null, tool_calls: calls }, ...results],
  });
});

it("passes on what the provider has settings for", async () => {
  const url = "data:image/png;base64,AAAA";
  const content = [
    { type: "text" as const, text: "What is it?" },
    { type: "image_url" as const, image_url: { url, detail: "low" as const } },
  ];
  const settings = {
    ...{ temperature: 0.5, top_p: 0.9, seed: 7, frequency_penalty: 0.1, presence_penalty: -0.1 },
    ...{ logit_bias: { "50256": -100 }, parallel_tool_calls: false, reasoning_effort: "low" as const },
    response_format: {
      type: "json_schema" as const,
      json_schema: { name: "answer", schema: { type: "object" }, strict: true },
    },
  };
  await ask("good", {
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content },
    ],
    ...settings,
    stop: ["END"],
    max_completion_tokens: 11,
    tools,
    user: "somebody",
  });
  expect(sent()).toEqual({
    model: "good",
    messages: [
      { role: "system", content: "Be kind." },
      { role: "user", content },
    ],
    ...settings,
    stop: ["END"],
    max_tokens: 11,
    tools,
    stream: true,
    stream_options: { include_usage: true },
  });
  await ask("good", { response_format: { type: "json_object" }, stop: "END", tool_choice: "none" });
  expect(sent()).toMatchObject({ response_format: { type: "json_object" }, stop: ["END"], tool_choice: "none" });
});

describe("errors", () => {
  it.each([
    ["n", { n: 2 }],
    ["logprobs", { logprobs: true }],
    ["functions", { functions: [] }],
    ["messages", { messages: [] }],
    ["max_completion_tokens", { max_completion_tokens: 8193 }],
    ["tools", { model: "default", tools }],
    ["response_format", { model: "default", response_format: { type: "json_object" as const } }],
    ["stop", { model: "default", stop: "END" }],
  ])("400 names the field %s", async (param, more) => {
    const error = await failure(ask("good", more));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error).toMatchObject({ param, type: "invalid_request_error" });
    expect(error.requestID).toBeTruthy();
  });

  it("400 from upstream comes with its message", async () => {
    const error = await failure(ask("invalid"));
    expect(error).toBeInstanceOf(OpenAI.BadRequestError);
    expect(error.message).toContain("no such voice");
  });

  it("404 for a model that is not configured, with those that are", async () => {
    const error = await failure(ask("gpt-5"));
    expect(error).toBeInstanceOf(OpenAI.NotFoundError);
    expect(error).toMatchObject({ code: "model_not_found", param: "model" });
    expect(error.message).toContain("default, bedrock, good");
  });

  it("413 for too many bytes", async () => {
    const error = await failure(ask("good", { messages: [{ role: "user", content: "x".repeat(1_100_000) }] }));
    expect(error).toMatchObject({ status: 413, code: "request_too_large" });
  });

  it("429 with the upstream's retry-after", async () => {
    const error = await failure(ask("limited"));
    expect(error).toBeInstanceOf(OpenAI.RateLimitError);
    expect(error.headers?.get("retry-after")).toBe("60");
  });

  it("502 for an upstream that fails", async () => {
    const error = await failure(ask("failing"));
    expect(error).toBeInstanceOf(OpenAI.InternalServerError);
    expect(error).toMatchObject({ status: 502, type: "server_error", code: "upstream_error" });
    expect(error.headers?.get("x-llm-gw-backend")).toBe("openai");
  });

  it("504 at the deadline, which the package does not try again", async () => {
    const before = upstream.requests.length;
    const error = await failure(
      client.chat.completions.create({ model: "silent", messages: [...messages] }, { maxRetries: 2 }),
    );
    expect(error).toMatchObject({ status: 504, code: "deadline_exceeded" });
    expect(upstream.requests.length).toBe(before + 1);
  });

  it("403 without a signature where one is wanted", async () => {
    const { endpoint } = await llmGwJson(folder, aws.env, ["deploy", "--name", "closed", "--auth", "iam"]);
    const closed = new OpenAI({ baseURL: new URL("v1", endpoint).href, apiKey: "none", maxRetries: 0 });
    expect(await failure(closed.chat.completions.create({ model: "default", messages: [...messages] }))).toBeInstanceOf(
      OpenAI.PermissionDeniedError,
    );
  });
});

it("is healthy", async () => {
  const { status, body } = await fetch(new URL("../health", `${client.baseURL}/`)).then(async (response) => ({
    status: response.status,
    body: await response.json(),
  }));
  expect(status).toBe(200);
  expect(body).toEqual({ status: "ok", version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

it("answers llm-gw invoke", async () => {
  const run = await llmGw(folder, aws.env, ["invoke", "--prompt", "Hi", "--model", "good"]);
  expect(run).toEqual({ code: 0, stdout: "Good day ☀\n", stderr: "" });
  const direct = await llmGw(folder, aws.env, ["invoke", "--via", "lambda", "--prompt", "Hi", "--model", "good"]);
  expect(direct.stdout).toBe("Good day ☀\n");
});

it("answers llm-gw invoke with what there is at the deadline, and a warning", async () => {
  const run = await llmGw(folder, aws.env, ["invoke", "--prompt", "Hi", "--model", "stalling"]);
  expect(run).toEqual({ code: 0, stdout: "Go\n", stderr: expect.stringMatching(/^warning: time ran out.*\n$/) });
});
