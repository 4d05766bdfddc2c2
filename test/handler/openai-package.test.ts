// OpenAI's own package against a gateway that the command line has deployed to the local AWS: what it answers.
import type { ServerResponse } from "node:http";
import OpenAI from "openai";
import type { ChatCompletionChunk } from "openai/resources/chat/completions";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { llmGw } from "../support/cli.ts";
import { type Deployed, deployGateway, messages } from "./support/deployed.ts";
import { beginEvents, chunk, sendJson, sse } from "./support/upstream.ts";

const usage = { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 };
const usageChunk = { choices: [], usage };

function toolCall(index: number, call: object) {
  return chunk({ tool_calls: [{ index, ...call }] });
}

/** Two calls as servers send them that do not number them, and that say "stop" all the same. */
function twoCalls(number: object): string {
  const piece = (call: object) => chunk({ tool_calls: [{ ...number, ...call }] });
  return sse(
    piece({ id: "call_a", type: "function", function: { name: "weather", arguments: "" } }),
    piece({ function: { arguments: '{"city":"Oslo"}' } }),
    piece({ id: "call_b", type: "function", function: { name: "time", arguments: "{" } }),
    piece({ function: { arguments: "}" } }),
    chunk({}, "stop"),
  );
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
  calling_without_index: (response) => beginEvents(response).end(twoCalls({})),
  calling_with_one_index: (response) => beginEvents(response).end(twoCalls({ index: 0 })),
  calling_oddly: (response) =>
    beginEvents(response).end(
      sse(
        toolCall(0, { id: "call_a", type: "function", function: { name: "weather", arguments: { city: "Oslo" } } }),
        toolCall(0, { function: { name: "time" } }),
        chunk({}, "stop"),
        { choices: null, usage },
      ),
    ),
  refusing: (response) => beginEvents(response).end(sse(chunk({ refusal: "I will not." }), chunk({}, "stop"))),
  invalid: (response) => sendJson(response, 400, { error: { message: "no such voice" } }),
};

const parameters = { type: "object", properties: { city: { type: "string" } } };
const tools = [
  { type: "function" as const, function: { name: "weather", description: "Now", parameters } },
  { type: "function" as const, function: { name: "time" } },
];
const calls = [
  { id: "call_a", type: "function" as const, function: { name: "weather", arguments: '{"city":"Oslo"}' } },
  { id: "call_b", type: "function" as const, function: { name: "time", arguments: "{}" } },
];

let gateway: Deployed;
beforeAll(async () => {
  gateway = await deployGateway(behaviours);
});
afterAll(() => gateway.close());

it("lists the models", async () => {
  const models = await gateway.client.models.list();
  expect(models.data.map(({ id }) => id)).toEqual(["default", "bedrock", ...Object.keys(behaviours)].sort());
});

it.each([
  ["default", "[echo backend] Hi"],
  ["bedrock", "[echo of the local AWS] Hi"],
  ["good", "Good day ☀"],
])("completes a chat with the model %s", async (model, content) => {
  const completion = await gateway.ask(model);
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
  const [choice] = (await gateway.ask("refusing")).choices;
  expect(choice?.message).toEqual({ role: "assistant", content: null, refusal: "I will not." });
  if (choice === undefined) throw new Error("no choice");
  await gateway.ask("good", { messages: [...messages, choice.message, ...messages] });
  expect(gateway.sent()).toMatchObject({
    messages: [...messages, { role: "assistant", content: "I will not." }, ...messages],
  });
});

describe("streaming", () => {
  async function chunks(model: string, include_usage?: boolean): Promise<ChatCompletionChunk[]> {
    const stream = await gateway.client.chat.completions.create({
      model,
      messages: messages,
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
    const runner = gateway.client.chat.completions.stream({ model: "calling", messages: messages, tools });
    const [choice] = (await runner.finalChatCompletion()).choices;
    expect(choice?.finish_reason).toBe("tool_calls");
    expect(choice?.message.tool_calls).toMatchObject(calls);
  });

  it("answers an error with a status, not with a stream", async () => {
    await expect(chunks("invalid")).rejects.toThrow(OpenAI.BadRequestError);
  });
});

it("takes calls apart that have no index, or all the same", async () => {
  for (const model of ["calling_without_index", "calling_with_one_index"]) {
    const [choice] = (await gateway.ask(model, { tools })).choices;
    expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { tool_calls: calls } });
  }
});

it("makes JSON of arguments that are none, and a call of each name", async () => {
  const [weather, time] = calls;
  const expected = [weather, { ...time, id: "call_1" }];
  const { choices, usage: counted } = await gateway.ask("calling_oddly", { tools });
  expect(choices[0]).toMatchObject({ finish_reason: "tool_calls", message: { tool_calls: expected } });
  expect(counted).toEqual(usage);
  const runner = gateway.client.chat.completions.stream({ model: "calling_oddly", messages, tools });
  expect((await runner.finalChatCompletion()).choices[0]?.message.tool_calls).toMatchObject(expected);
});

it("calls tools, and takes their results", async () => {
  const tool_choice = { type: "function" as const, function: { name: "weather" } };
  const [choice] = (await gateway.ask("calling", { tools, tool_choice })).choices;
  expect(choice).toMatchObject({ finish_reason: "tool_calls", message: { content: null, tool_calls: calls } });
  expect(gateway.sent()).toMatchObject({ tools, tool_choice });
  if (choice === undefined) throw new Error("no choice");

  const results = [
    { role: "tool" as const, tool_call_id: "call_a", content: "Rain" },
    { role: "tool" as const, tool_call_id: "call_b", content: "Noon" },
  ];
  await gateway.ask("good", { messages: [...messages, choice.message, ...results], tools });
  expect(gateway.sent()).toMatchObject({
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
  await gateway.ask("good", {
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
  expect(gateway.sent()).toEqual({
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
  await gateway.ask("good", { response_format: { type: "json_object" }, stop: "END", tool_choice: "none" });
  expect(gateway.sent()).toMatchObject({
    response_format: { type: "json_object" },
    stop: ["END"],
    tool_choice: "none",
  });
});

it("is healthy", async () => {
  const { status, body } = await fetch(new URL("../health", `${gateway.client.baseURL}/`)).then(async (response) => ({
    status: response.status,
    body: await response.json(),
  }));
  expect(status).toBe(200);
  expect(body).toEqual({ status: "ok", version: expect.stringMatching(/^\d+\.\d+\.\d+/) });
});

it("answers llm-gw invoke", async () => {
  const run = await llmGw(gateway.folder, gateway.aws.env, ["invoke", "--prompt", "Hi", "--model", "good"]);
  expect(run).toEqual({ code: 0, stdout: "Good day ☀\n", stderr: "" });
  const direct = await llmGw(gateway.folder, gateway.aws.env, [
    "invoke",
    "--via",
    "lambda",
    "--prompt",
    "Hi",
    "--model",
    "good",
  ]);
  expect(direct.stdout).toBe("Good day ☀\n");
});
