// A gateway in front of a real model: llama.cpp's server with a tiny model of random weights.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import * as z from "zod";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";
import { startModelServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    modelPython: string;
  }
}

const completion = z.object({
  choices: z.array(z.object({ message: z.object({ content: z.string() }), finish_reason: z.string() })),
  usage: z.object({ completion_tokens: z.number() }),
});
const chunk = z.object({
  choices: z.array(z.object({ delta: z.object({ content: z.string().nullish() }) })),
});

let aws: TestAws;
let model: Awaited<ReturnType<typeof startModelServer>>;
let folder: string;
/** The base URL that OpenAI's clients take. */
let gateway: string;

beforeAll(async () => {
  [aws, model] = await Promise.all([startAws(), startModelServer(inject("modelPython"))]);
});
afterAll(async () => {
  await Promise.all([aws.close(), model.close()]);
});
beforeEach(async () => {
  folder = await temporaryFolder();
  const models = { default: `openai:${model.url}#tiny` };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify({ auth: "none", models }));
  const { endpoint } = await llmGwJson(folder, aws.env, ["deploy"]);
  gateway = endpoint.replace(/inference$/, "v1");
});

/** What the model, or the gateway in front of it, answers to a chat request with the given body. */
function chat(url: string, body: object): Promise<Response> {
  const request = { messages: [{ role: "user", content: "Hello" }], max_tokens: 8, temperature: 0, ...body };
  const headers = { "content-type": "application/json" };
  return fetch(`${url}/chat/completions`, { method: "POST", headers, body: JSON.stringify(request) });
}

/** What the model itself says. */
const said = async () => completion.parse(await (await chat(model.url, {})).json()).choices[0]?.message.content;

test("invoke prints what the model says, as much of it as is asked for", async () => {
  const run = await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello", "--max-tokens", "8"]);
  expect(run).toMatchObject({ code: 0, stderr: expect.stringMatching(/^warning: .* cut off after 8 tokens.*\n$/) });
  // Words of its vocabulary, which nothing else says.
  expect(run.stdout.trim()).toMatch(/^[a-z]+(?: [a-z](?:o|un)[a-z]*)*$/);
  const answer = await llmGwJson(folder, aws.env, ["invoke", "--prompt", "Hello", "--max-tokens", "8"]);
  expect(answer.body).toMatchObject({ model: "default", finish_reason: "length", usage: { completion_tokens: 8 } });
  expect(answer.body.usage.prompt_tokens).toBeGreaterThan(1);
});

test("a chat completion has the model's own words and counts", async () => {
  const answer = await chat(gateway, { model: "default" });
  expect(answer.status).toBe(200);
  const { choices, usage } = completion.parse(await answer.json());
  expect(choices).toMatchObject([{ message: { content: await said() }, finish_reason: "length" }]);
  expect(usage.completion_tokens).toBe(8);
});

test("a streamed one has the same words in pieces", async () => {
  const answer = await chat(gateway, { model: "default", stream: true });
  expect(answer.headers.get("content-type")).toContain("text/event-stream");
  const events = (await answer.text()).trim().split("\n\n");
  expect(events.pop()).toBe("data: [DONE]");
  const pieces = events.flatMap((event) => {
    return chunk.parse(JSON.parse(event.slice("data: ".length))).choices.map(({ delta }) => delta.content ?? "");
  });
  expect(pieces.length).toBeGreaterThan(2);
  expect(pieces.join("")).toBe(await said());
});
