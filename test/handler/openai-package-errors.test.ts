// OpenAI's own package against a gateway that the command line has deployed to the local AWS: its errors.
import type { ServerResponse } from "node:http";
import OpenAI from "openai";
import { afterAll, beforeAll, expect, it } from "vitest";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { type Deployed, deployGateway, messages } from "./support/deployed.ts";
import { beginEvents, chunk, sendJson, sse } from "./support/upstream.ts";

/** How the upstream behaves for each model name; the name is also the alias. */
const behaviours: Record<string, (response: ServerResponse) => void> = {
  good: (response) => beginEvents(response).end(sse(chunk({ content: "Good day ☀" }), chunk({}, "stop"))),
  invalid: (response) => sendJson(response, 400, { error: { message: "no such voice" } }),
  limited: (response) => sendJson(response, 429, { error: { message: "slow down" } }, { "retry-after": "60" }),
  failing: (response) => sendJson(response, 501, {}),
  overloaded: (response) => sendJson(response, 503, {}),
  silent: () => {},
  stalling: (response) => beginEvents(response, `data: ${JSON.stringify(chunk({ content: "Go" }))}\n\n`),
};

let gateway: Deployed;
beforeAll(async () => {
  gateway = await deployGateway(behaviours);
});
afterAll(() => gateway.close());

/** The error that `work` ends with. */
async function failure(work: PromiseLike<unknown>): Promise<InstanceType<typeof OpenAI.APIError>> {
  const error: unknown = await Promise.resolve(work).then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (error instanceof OpenAI.APIError) return error;
  throw new Error(`no API error: ${error}`);
}

it.each([
  ["n", { n: 2 }],
  ["logprobs", { logprobs: true }],
  ["functions", { functions: [] }],
  ["modalities", { modalities: ["text" as const, "audio" as const] }],
  ["audio", { modalities: ["text" as const], audio: { voice: "alloy", format: "wav" as const } }],
  ["messages", { messages: [] }],
  ["max_completion_tokens", { max_completion_tokens: 8193 }],
  ["tools", { model: "default", tools: [{ type: "function" as const, function: { name: "time" } }] }],
  ["response_format", { model: "default", response_format: { type: "json_object" as const } }],
  ["stop", { model: "default", stop: "END" }],
  ["tool_choice", { tool_choice: "required" as const }],
  ["tool_choice", { tool_choice: { type: "function" as const, function: { name: "time" } } }],
])("400 names the field %s", async (param, more) => {
  const error = await failure(gateway.ask("good", more));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error).toMatchObject({ param, type: "invalid_request_error" });
  expect(error.requestID).toBeTruthy();
});

it("400 from upstream comes with its message", async () => {
  const error = await failure(gateway.ask("invalid"));
  expect(error).toBeInstanceOf(OpenAI.BadRequestError);
  expect(error.message).toContain("no such voice");
});

it("404 for a model that is not configured, with those that are", async () => {
  const error = await failure(gateway.ask("gpt-5"));
  expect(error).toBeInstanceOf(OpenAI.NotFoundError);
  expect(error).toMatchObject({ code: "model_not_found", param: "model" });
  expect(error.message).toContain("there is: bedrock, default, ");
});

it("413 for too many bytes", async () => {
  const error = await failure(gateway.ask("good", { messages: [{ role: "user", content: "x".repeat(1_100_000) }] }));
  expect(error).toMatchObject({ status: 413, code: "request_too_large" });
});

it("429 with the upstream's retry-after", async () => {
  const error = await failure(gateway.ask("limited"));
  expect(error).toBeInstanceOf(OpenAI.RateLimitError);
  expect(error.headers?.get("retry-after")).toBe("60");
});

it("502 for an upstream that fails", async () => {
  const error = await failure(gateway.ask("failing"));
  expect(error).toBeInstanceOf(OpenAI.InternalServerError);
  expect(error).toMatchObject({ status: 502, type: "server_error", code: "upstream_error" });
  expect(error.headers?.get("x-llm-gw-backend")).toBe("openai");
});

it.each([
  ["504 at the deadline", "silent", { status: 504, code: "deadline_exceeded" }, 1],
  [
    "502 for an upstream that was tried as often as it may be",
    "overloaded",
    { status: 502, code: "upstream_error" },
    3,
  ],
])("%s, which the package does not try again", async (_, model, expected, requests) => {
  const before = gateway.upstream.requests.length;
  const { maxRetries } = new OpenAI({ apiKey: "not-checked" });
  expect(maxRetries).toBeGreaterThan(0);
  const error = await failure(gateway.client.chat.completions.create({ model, messages }, { maxRetries }));
  expect(error).toMatchObject(expected);
  expect(gateway.upstream.requests.length).toBe(before + requests);
});

it("403 without a signature where one is wanted", async () => {
  const { endpoint } = await llmGwJson(gateway.folder, gateway.aws.env, [
    "deploy",
    "--name",
    "closed",
    "--auth",
    "iam",
  ]);
  const closed = new OpenAI({ baseURL: new URL("v1", endpoint).href, apiKey: "none", maxRetries: 0 });
  expect(await failure(closed.chat.completions.create({ model: "default", messages: messages }))).toBeInstanceOf(
    OpenAI.PermissionDeniedError,
  );
});

it("answers llm-gw invoke with what there is at the deadline, and a warning", async () => {
  const run = await llmGw(gateway.folder, gateway.aws.env, ["invoke", "--prompt", "Hi", "--model", "stalling"]);
  expect(run).toEqual({ code: 0, stdout: "Go\n", stderr: expect.stringMatching(/^warning: time ran out.*\n$/) });
});
