// Bedrock's Converse and ConverseStream, through the real client.
import {
  BedrockRuntimeClient,
  ConverseCommand,
  type ConverseCommandInput,
  ConverseStreamCommand,
  type Message,
} from "@aws-sdk/client-bedrock-runtime";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { type LocalAws, startLocalAws } from "../../src/local/server.ts";
import { sdkFetch } from "../../templates/handler/backends/sdk-fetch.ts";
import type { Refusal } from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

let aws: LocalAws;
let client: BedrockRuntimeClient;

const clientIn = (region: string) =>
  new BedrockRuntimeClient({
    region,
    endpoint: aws.url,
    credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
    maxAttempts: 1,
    // The client's own speaks HTTP/2 alone.
    requestHandler: sdkFetch,
  });

beforeAll(async () => {
  aws = await startLocalAws({ port: 0 });
  client = clientIn("us-east-1");
});
afterAll(() => aws.close());

const invalidId = "The provided model identifier is invalid.";
const modelId = "amazon.nova-micro-v1:0";
const user = (...content: Message["content"] & object): Message => ({ role: "user", content });
const assistant = (...content: Message["content"] & object): Message => ({ role: "assistant", content });
const hello = user({ text: "one two three" });

const converse = (input: Partial<ConverseCommandInput>) =>
  client.send(new ConverseCommand({ modelId, messages: [hello], ...input }));

/** What a stream brings: its text, and the events beside it. */
async function streamed(input: Partial<ConverseCommandInput>) {
  const { stream } = await client.send(new ConverseStreamCommand({ modelId, messages: [hello], ...input }));
  let text = "";
  let stopReason: string | undefined;
  let outputTokens: number | undefined;
  for await (const event of stream ?? []) {
    text += event.contentBlockDelta?.delta?.text ?? "";
    stopReason ??= event.messageStop?.stopReason;
    outputTokens ??= event.metadata?.usage?.outputTokens;
  }
  return { text, stopReason, outputTokens };
}

const tools = [{ toolSpec: { name: "clock", inputSchema: { json: { type: "object", properties: {} } } } }];
const use = { toolUse: { toolUseId: "t1", name: "clock", input: {} } };
const result = { toolResult: { toolUseId: "t1", content: [{ text: "noon" }] } };

describe("an answer", () => {
  test.each([
    ["all of it", {}, "[echo of the local AWS] one two three", "end_turn", 8],
    ["as many words as there may be tokens", { maxTokens: 6 }, "[echo of the local AWS] one", "max_tokens", 6],
    ["exactly as many", { maxTokens: 8 }, "[echo of the local AWS] one two three", "end_turn", 8],
    ["less than its label", { maxTokens: 1 }, "[echo", "max_tokens", 1],
    [
      "what is before a stop sequence",
      { stopSequences: ["x", "two"] },
      "[echo of the local AWS] one ",
      "stop_sequence",
      6,
    ],
    ["nothing, where it stops at once", { stopSequences: ["["] }, "", "stop_sequence", 0],
  ])("is %s", async (_, inferenceConfig, text, stopReason, outputTokens) => {
    const whole = await converse({ inferenceConfig });
    expect(whole).toMatchObject({
      output: { message: { role: "assistant", content: [{ text }] } },
      stopReason,
      usage: { inputTokens: 3, outputTokens, totalTokens: 3 + outputTokens },
    });
    expect(await streamed({ inferenceConfig })).toEqual({ text, stopReason, outputTokens });
  });

  test("repeats the result of a tool", async () => {
    const messages = [hello, assistant(use), user(result)];
    expect(await streamed({ messages, toolConfig: { tools } })).toMatchObject({ text: "[echo of the local AWS] noon" });
  });

  test.each([
    "us.amazon.nova-micro-v1:0",
    "arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0",
    "arn:aws:bedrock:us-east-1:123456789012:application-inference-profile/abc123",
    "arn:aws:bedrock:us-east-1:123456789012:inference-profile/us.amazon.nova-micro-v1:0",
  ])("comes from %s", async (modelId) => {
    expect(await streamed({ modelId })).toMatchObject({ stopReason: "end_turn" });
  });
});

test("an inference profile is there only in Regions of its geography", async () => {
  const geographies = ["us", "us-gov", "eu", "apac", "jp", "au", "ca", "global"];
  const served = async (region: string) => {
    const regional = clientIn(region);
    const answers = geographies.map(async (geography) => {
      const command = new ConverseCommand({ modelId: `${geography}.${modelId}`, messages: [hello] });
      return regional.send(command).then(
        () => [geography],
        ({ message }: Error) => (message === invalidId ? [] : [message]),
      );
    });
    return (await Promise.all(answers)).flat();
  };
  expect(await served("us-east-1")).toEqual(["us", "global"]);
  expect(await served("eu-west-1")).toEqual(["eu", "global"]);
  expect(await served("ap-northeast-1")).toEqual(["apac", "jp", "au", "global"]);
  // It has profiles of its own and of its neighbour.
  expect(await served("ca-central-1")).toEqual(geographies);
});

const refused = (message: string, input: Partial<ConverseCommandInput>): Refusal => [
  "ValidationException",
  400,
  message,
  () => streamed(input),
];
const missing = (what: string, input: Partial<ConverseCommandInput>): Refusal => [
  "NotImplemented",
  501,
  `The local AWS does not implement ${what}.`,
  () => converse(input),
];

describe("what AWS refuses", () => {
  const atLeast = (n: number) => `Member must have value greater than or equal to ${n}`;
  const atMost = (n: number) => `Member must have value less than or equal to ${n}`;
  testRefusals({
    "no token": refused(`Value '0' at 'inferenceConfig.maxTokens' failed to satisfy constraint: ${atLeast(1)}`, {
      inferenceConfig: { maxTokens: 0 },
    }),
    "a temperature above 1": refused(
      `Value '1.5' at 'inferenceConfig.temperature' failed to satisfy constraint: ${atMost(1)}`,
      { inferenceConfig: { temperature: 1.5 } },
    ),
    "a topP below 0": refused(`Value '-1' at 'inferenceConfig.topP' failed to satisfy constraint: ${atLeast(0)}`, {
      inferenceConfig: { topP: -1 },
    }),
    "no message": refused("A conversation must start with a user message.", { messages: [] }),
    "an assistant who begins": refused("A conversation must start with a user message.", {
      messages: [assistant({ text: "Hi" }), hello],
    }),
    "a user who speaks twice": refused("A conversation must alternate between user and assistant roles.", {
      messages: [hello, hello],
    }),
    "a message without content": refused("The content field in the Message object at messages.2 is empty.", {
      messages: [hello, assistant({ text: "Hi" }), user()],
    }),
    "a blank text": refused("The text field in the ContentBlock object at messages.0.content.1 is blank.", {
      messages: [user({ text: "a" }, { text: " \n" })],
    }),
    "a blank system prompt": refused("The text field in the SystemContentBlock object at system.1 is blank.", {
      system: [{ text: "a" }, { text: " " }],
    }),
    "an empty system prompt": refused("Value '' at 'system.0.text'", { system: [{ text: "" }] }),
    "a call of a tool without tools": refused(
      "The toolConfig field must be defined when using toolUse and toolResult content blocks.",
      { messages: [hello, assistant(use), user(result)] },
    ),
    "a call of a tool without its result": refused(
      "Expected toolResult blocks at messages.2.content for the following Ids: t1",
      { messages: [hello, assistant(use), hello], toolConfig: { tools } },
    ),
    "a result without the call of a tool": refused(
      "The number of toolResult blocks at messages.0.content exceeds the number of toolUse blocks of previous turn.",
      { messages: [user(result)], toolConfig: { tools } },
    ),
    "no tools in place of some": refused("'toolConfig.tools' failed to satisfy constraint", {
      toolConfig: { tools: [] },
    }),
    "a name that is no model's": refused(invalidId, { modelId: "nova" }),
    "a model of another Region": refused(invalidId, {
      modelId: "arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-micro-v1:0",
    }),
    "an inference profile of another geography, by its ARN": refused(invalidId, {
      modelId: "arn:aws:bedrock:us-east-1:123456789012:inference-profile/eu.amazon.nova-micro-v1:0",
    }),
    "what is no model id": refused("Value 'a b' at 'modelId' failed to satisfy constraint", { modelId: "a b" }),
  });
});

describe("what would need a model is not ignored", () => {
  testRefusals({
    "an image": missing("the input member messages.0.content.0.image of Bedrock", {
      messages: [user({ image: { format: "png", source: { bytes: new Uint8Array([1]) } } })],
    }),
    "a message of the system": missing("messages of the role system of Bedrock", {
      messages: [hello, { role: "system", content: [{ text: "a" }] }],
    }),
    "a tool that has to be called": missing("the input member toolConfig.toolChoice.any of Bedrock", {
      toolConfig: { tools, toolChoice: { any: {} } },
    }),
    "an answer in a given form": missing("the input member outputConfig of Bedrock", {
      outputConfig: { textFormat: { type: "json_schema", structure: { jsonSchema: { schema: "{}" } } } },
    }),
    "a guardrail": missing("the input member guardrailConfig of Bedrock", {
      guardrailConfig: { guardrailIdentifier: "g", guardrailVersion: "1" },
    }),
  });
});
