// A gateway in front of a real model: llama.cpp's server with a tiny model of random weights.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, expect, inject, test } from "vitest";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";
import { startModelServer } from "./server.ts";

declare module "vitest" {
  interface ProvidedContext {
    modelPython: string;
  }
}

let aws: TestAws;
let model: Awaited<ReturnType<typeof startModelServer>>;
let folder: string;

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
  await llmGwJson(folder, aws.env, ["deploy"]);
});

test("invoke prints what the model says, as much of it as is asked for", async () => {
  const run = await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello", "--max-tokens", "8"]);
  expect(run).toMatchObject({ code: 0, stderr: "" });
  // Words of its vocabulary, which nothing else says.
  expect(run.stdout.trim()).toMatch(/^[a-z]*( ?[a-z]+(o|un)?)+$/);
  const answer = await llmGwJson(folder, aws.env, ["invoke", "--prompt", "Hello", "--max-tokens", "8"]);
  expect(answer.body).toMatchObject({ model: "default", finish_reason: "length", usage: { completion_tokens: 8 } });
  expect(answer.body.usage.prompt_tokens).toBeGreaterThan(1);
});
