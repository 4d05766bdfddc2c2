// What the function sends to Bedrock, through the real SDK client.
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { bedrockAt, credentials, sendEvents } from "./support/bedrock.ts";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readError, readResult } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { Sha256 } from "./support/sha256.ts";
import { startUpstream, type Upstream, type UpstreamRequest } from "./support/upstream.ts";

let upstream: Upstream;
let bundle: Bundle;
let fn: RunningFunction;

beforeAll(async () => {
  upstream = await startUpstream((_, response) => sendEvents(response, [["messageStop", { stopReason: "end_turn" }]]));
  bundle = await bundleHandler(tableOf({ default: { backend: "bedrock", model: "amazon.nova-micro-v1:0" } }));
  fn = startFunction(bundle.folder, bedrockAt(upstream.url));
});
afterAll(async () => {
  await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);
});

async function chat(request: object) {
  return readResult(await fn.invoke(httpEvent(JSON.stringify(request), { path: "/v1/chat/completions" })));
}

/** What the function has sent to Bedrock for this chat completion request. */
async function sent(request: object): Promise<unknown> {
  const { status, text } = await chat(request);
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

it("is a signed ConverseStream request", async () => {
  await fn.invoke({ prompt: "Hi", max_tokens: 50 });
  const request = upstream.requests.at(-1);
  if (request === undefined) throw new Error("nothing arrived");
  expect(request).toMatchObject({ method: "POST", path: "/model/amazon.nova-micro-v1%3A0/converse-stream" });
  expect(JSON.parse(request.body)).toEqual({
    messages: [{ role: "user", content: [{ text: "Hi" }] }],
    inferenceConfig: { maxTokens: 50 },
  });
  expect(request.headers.authorization).toBe(await expectedAuthorization(request));
});

const user = { role: "user", content: "Hi" };
const hi = { role: "user", content: [{ text: "Hi" }] };

it("has its settings where Converse has them", async () => {
  const settings = { max_completion_tokens: 9, temperature: 0.5, top_p: 0.9, stop: ["END", "STOP"] };
  const system = { role: "system", content: "Be kind." };
  const request = { messages: [system, user, { role: "developer", content: "Be short." }], ...settings };
  const neutral = { parallel_tool_calls: true, frequency_penalty: 0, presence_penalty: 0, logit_bias: {} };
  expect(await sent({ ...request, ...neutral, fruit: 1 })).toEqual({
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
      { type: "function", function: { name: "time", description: "" } },
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
          { text: "Hi" },
        ],
      },
    ],
    toolConfig: {
      tools: [
        { toolSpec: { name: "weather", description: "Now", inputSchema: { json: parameters }, strict: true } },
        { toolSpec: { name: "time", inputSchema: { json: { type: "object", properties: {} } } } },
      ],
      toolChoice: { any: {} },
    },
  });
  expect(body).not.toHaveProperty("toolConfig.tools.1.toolSpec.description");
});

it.each([
  ["required", { any: {} }],
  ["auto", undefined],
  [{ type: "function", function: { name: "f" } }, { tool: { name: "f" } }],
  [undefined, undefined],
])("maps the tool choice %j", async (tool_choice, toolChoice) => {
  const tools = [{ type: "function", function: { name: "f" } }];
  const body = await sent({ messages: [user], tools, tool_choice });
  const inputSchema = { json: { type: "object", properties: {} } };
  expect(body).toHaveProperty("toolConfig", { tools: [{ toolSpec: { name: "f", inputSchema } }], toolChoice });
});

it("leaves out what is blank: Converse refuses it", async () => {
  const messages = [{ role: "system", content: " " }, user, { role: "assistant", content: "" }, user];
  expect(await sent({ messages })).toEqual({
    messages: [{ role: "user", content: [{ text: "Hi" }, { text: "Hi" }] }],
    inferenceConfig: { maxTokens: 1024 },
  });
});

describe("when no tool may be called", () => {
  const tools = [{ type: "function", function: { name: "weather" } }];

  it("has no tools", async () => {
    expect(await sent({ messages: [user], tools, tool_choice: "none" })).not.toHaveProperty("toolConfig");
  });

  it.each([{}, { tools, tool_choice: "none" }])("tells earlier calls in words, with %j", async (more) => {
    const called = { id: "t1", type: "function", function: { name: "weather", arguments: '{"city":"Oslo"}' } };
    const messages = [
      user,
      { role: "assistant", content: "Let me look.", tool_calls: [called] },
      { role: "tool", tool_call_id: "t1", content: "Rain" },
      user,
    ];
    const body = await sent({ messages, ...more });
    expect(body).not.toHaveProperty("toolConfig");
    expect(body).toMatchObject({
      messages: [
        hi,
        { role: "assistant", content: [{ text: 'Let me look.\n[call t1: weather({"city":"Oslo"})]' }] },
        { role: "user", content: [{ text: "[result of call t1: Rain]" }, { text: "Hi" }] },
      ],
    });
  });
});

it("takes arguments and parameters as deep as the limit", async () => {
  // The parameters lie four levels deep in their field.
  const { messages } = withArguments(nested(100));
  expect(await sent({ messages, ...withParameters(nested(96)) })).toHaveProperty("toolConfig");
});

it("has images and a JSON schema", async () => {
  const data = Buffer.from("picture").toString("base64");
  const image = { type: "image_url", image_url: { url: `DATA:image/PNG;Base64,${data}` } };
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

/** JSON of an object that holds lists in lists, so many levels in all. */
const nested = (levels: number) => `{"a":${"[".repeat(levels - 1)}${"]".repeat(levels - 1)}}`;
const withParameters = (json: string) => ({
  tools: [{ type: "function", function: { name: "f", parameters: JSON.parse(json) } }],
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
  tools: [{ type: "function", function: { name: "f" } }],
});
it.each([
  ["seed", { seed: 1 }],
  ["frequency_penalty", { frequency_penalty: 1 }],
  ["presence_penalty", { presence_penalty: -1 }],
  ["logit_bias", { logit_bias: { "50256": -100 } }],
  ["reasoning_effort", { reasoning_effort: "low" }],
  ["parallel_tool_calls", { parallel_tool_calls: false }],
  ["response_format", { response_format: { type: "json_object" } }],
  ["messages[1].content[0].image_url.url", withUrl("https://example.com/a.png")],
  ["messages[1].content[0].image_url.url", withUrl("data:image/bmp;base64,AAAA")],
  ["messages[1].tool_calls[0].function.arguments", withArguments("{")],
  ["messages[1].tool_calls[0].function.arguments", withArguments("[]")],
  ["messages[1].tool_calls[0].function.arguments", withArguments(nested(101))],
  ["tools", withParameters(nested(3000))],
])("is refused for %s, which Converse has no place for", async (param, request) => {
  const { status, text } = await chat({ messages: [user], ...request });
  expect(status).toBe(400);
  expect(readError(JSON.parse(text))).toMatchObject({ param });
});
