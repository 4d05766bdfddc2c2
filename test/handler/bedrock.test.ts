import type { ServerResponse } from "node:http";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleHandler } from "./support/bundle.ts";
import { httpEvent, readHttp } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { Sha256 } from "./support/sha256.ts";
import { deadAddress, sendJson, startUpstream, type Upstream, type UpstreamRequest } from "./support/upstream.ts";

const credentials = { accessKeyId: "AKIDEXAMPLE", secretAccessKey: "example-secret", sessionToken: "example-session" };
const usage = { inputTokens: 4, outputTokens: 6, totalTokens: 10 };

function converse(
  response: ServerResponse,
  stopReason: string,
  content: object[] = [{ text: "Good " }, { text: "day." }],
) {
  const output = { message: { role: "assistant", content } };
  const body = { output, stopReason, usage, metrics: { latencyMs: 5 } };
  sendJson(response, 200, body, { "x-amzn-requestid": "bedrock-1" });
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
    converse(response, "end_turn", [{ reasoningContent: { reasoningText: { text: "Hm" } } }, { text: "42" }]),
  throttled: (response) => fail(response, 429, "ThrottlingException", { "retry-after": "3" }),
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
    AWS_MAX_ATTEMPTS: "1",
  });
}

beforeAll(async () => {
  upstream = await startUpstream((request, response) => {
    const model = decodeURIComponent(request.path.split("/")[2] ?? "");
    behaviours[model]?.(response);
  });
  const aliases = Object.keys(behaviours).map((model) => [model, { backend: "bedrock", model }]);
  bundle = await bundleHandler({ models: Object.fromEntries(aliases) });
  fn = start(upstream.url);
});
afterAll(async () => {
  await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);
});

async function ask(model: string, more: object = {}, target = fn, remainingMs?: number) {
  return readHttp(await target.invoke(httpEvent(JSON.stringify({ prompt: "Hi", model, ...more })), remainingMs));
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
  it("is a signed Converse request", async () => {
    await ask("amazon.nova-micro-v1:0", { max_tokens: 50 });
    const request = upstream.requests.at(-1);
    if (request === undefined) throw new Error("nothing arrived");
    expect(request).toMatchObject({ method: "POST", path: "/model/amazon.nova-micro-v1%3A0/converse" });
    expect(JSON.parse(request.body)).toEqual({
      messages: [{ role: "user", content: [{ text: "Hi" }] }],
      inferenceConfig: { maxTokens: 50 },
    });
    expect(request.headers.authorization).toBe(await expectedAuthorization(request));
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
  ])("is an error for %s: %i %s", async (model, expected, code) => {
    const { status, headers, body } = await ask(model);
    expect(status).toBe(expected);
    expect(body.error?.code).toBe(code);
    expect(headers["retry-after"]).toBe(model === "throttled" ? "3" : undefined);
    if (model !== "invalid") expect(body.error?.message).not.toContain("arn:");
  });

  it("is a 504 at the deadline, and the request is aborted", async () => {
    await ask("max_tokens"); // the deadline is for the answer, not for loading the SDK
    const { status, headers } = await ask("silent", {}, fn, 2500);
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
  expect(JSON.parse(stdout)).toMatchObject({ backend: "bedrock", status: 400, reason: "ValidationException" });
});
