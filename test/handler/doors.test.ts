import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { timeLeft } from "../../templates/handler/deadline.ts";
import { type Bundle, bundleHandler, tableOf, VERSION } from "./support/bundle.ts";
import { httpEvent, readDirect, readHttp, readResult } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";

let bundle: Bundle;
let fn: RunningFunction;

beforeAll(async () => {
  bundle = await bundleHandler(tableOf({ default: { backend: "echo" }, other: { backend: "echo" } }));
  fn = startFunction(bundle.folder);
});
afterAll(async () => {
  await fn.stop();
  await bundle.remove();
});

async function post(body: unknown) {
  return readHttp(await fn.invoke(httpEvent(JSON.stringify(body))));
}

describe("through an HTTP API", () => {
  it("answers a prompt", async () => {
    const { status, headers, body } = await post({ prompt: "Hello there" });
    expect(status).toBe(200);
    expect(headers["content-type"]).toBe("application/json");
    expect(headers["x-request-id"]).toMatch(/^request-\d+$/);
    expect(body.answer).toEqual({
      id: `inference-${headers["x-request-id"]}`,
      model: "default",
      output: "[echo backend] Hello there",
      finish_reason: "stop",
      usage: { prompt_tokens: 2, completion_tokens: 4, total_tokens: 6 },
    });
  });

  it("accepts a base64 body, a byte order mark and the $default stage", async () => {
    const body = `\uFEFF${JSON.stringify({ prompt: "Grüße" })}`;
    for (const options of [{ base64: true }, { stage: "$default" }]) {
      const answer = readHttp(await fn.invoke(httpEvent(body, options)));
      expect(answer.body.answer?.output).toBe("[echo backend] Grüße");
    }
  });

  it("ignores unknown fields and takes null for not given", async () => {
    const { body } = await post({ prompt: "Hi", model: null, max_tokens: null, fruit: "x", stream: true });
    expect(body.answer?.model).toBe("default");
  });

  it("answers with the alias asked for", async () => {
    expect((await post({ prompt: "Hi", model: "other", max_tokens: 5 })).body.answer?.model).toBe("other");
  });

  it.each([
    ["prompt", {}],
    ["prompt", { prompt: "" }],
    ["prompt", { prompt: " \n" }],
    ["prompt", { prompt: ["Hi"] }],
    ["model", { prompt: "Hi", model: 7 }],
    ["max_tokens", { prompt: "Hi", max_tokens: 0 }],
    ["max_tokens", { prompt: "Hi", max_tokens: 1.5 }],
    ["max_tokens", { prompt: "Hi", max_tokens: "10" }],
    ["max_tokens", { prompt: "Hi", max_tokens: 8193 }],
    ["system", { prompt: "Hi", system: 1 }],
    ["system", { messages: [{ role: "user", content: "Hi" }], system: "Be kind." }],
    ["prompt", { prompt: "Hi", messages: [{ role: "user", content: "Hi" }] }],
    ["messages", { messages: [] }],
    ["temperature", { prompt: "Hi", temperature: "hot" }],
    ["top_p", { prompt: "Hi", top_p: [] }],
    ["stop", { prompt: "Hi", stop: [""] }],
    ["tools", { prompt: "Hi", tools: [] }],
  ])("names the field at fault: %s in %j", async (param, request) => {
    const { status, body } = await post(request);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ param, type: "invalid_request_error", code: "invalid_value" });
    expect(body.error?.message).toContain(param);
  });

  it.each([
    ["missing_body", undefined],
    ["missing_body", ""],
    ["invalid_json", "prompt=Hi"],
    ["invalid_json", '{"prompt":'],
    ["invalid_body", "[]"],
    ["invalid_body", "null"],
    ["invalid_body", '"Hi"'],
  ])("refuses a body that is no object: %s for %j", async (code, body) => {
    const answer = readHttp(await fn.invoke(httpEvent(body)));
    expect(answer.status).toBe(400);
    expect(answer.body.error).toMatchObject({ code, param: null });
  });

  it.each(["nothing", "__proto__", "constructor"])(
    "answers 404 for the unknown model %s, with the aliases",
    async (model) => {
      const { status, body } = await post({ prompt: "Hi", model });
      expect(status).toBe(404);
      expect(body.error).toMatchObject({ code: "model_not_found", param: "model" });
      expect(body.error?.message).toContain("default, other");
    },
  );

  it.each([
    { path: "/", method: "POST" },
    { path: "/inference/more", method: "POST" },
    { path: "/prod/inference", method: "POST" },
    { path: "/inference", method: "GET" },
    { path: "/v1/models", method: "POST" },
    { path: "/__proto__", method: "GET" },
  ])("answers 404 for $method $path", async (options) => {
    const { status, body } = readHttp(await fn.invoke(httpEvent('{"prompt":"Hi"}', options)));
    expect(status).toBe(404);
    expect(body.error?.code).toBe("unknown_route");
  });

  it("answers 504 when no time is left, and asks clients not to retry", async () => {
    const { status, headers, body } = readHttp(await fn.invoke(httpEvent('{"prompt":"Hi"}'), 900));
    expect(status).toBe(504);
    expect(headers["x-should-retry"]).toBe("false");
    expect(body.error?.code).toBe("deadline_exceeded");
  });

  it("answers for itself when the answer is larger than Lambda passes on", async () => {
    // A quote is 8/3 bytes in this event and four in the answer's envelope.
    const event = httpEvent(JSON.stringify({ prompt: '"'.repeat(1_900_000) }), { base64: true });
    const large = await bundleHandler(tableOf({ default: { backend: "echo" } }, { promptBytes: 6_000_000 }));
    const spacious = startFunction(large.folder);
    const { status, body } = readHttp(await spacious.invoke(event));
    await spacious.stop();
    await large.remove();
    expect(status).toBe(502);
    expect(body.error?.message).toContain("6 MB");
  });
});

it("answers 413 for more messages than it takes", async () => {
  for (const request of [
    { prompt: "ü".repeat(600_000) },
    { messages: [{ role: "user", content: "x".repeat(1_100_000) }] },
    { messages: [{ role: "user", content: "Hi" }], stop: "x".repeat(1_100_000) },
    { messages: [{ role: "user", content: "Hi" }], logit_bias: { ["1".repeat(1_100_000)]: 1 } },
  ]) {
    const { status, body } = await post(request);
    expect(status).toBe(413);
    expect(body.error).toMatchObject({ code: "request_too_large", param: Object.keys(request)[0] });
  }
});

it("takes messages in place of a prompt", async () => {
  const messages = [
    { role: "system", content: "Be kind." },
    { role: "user", content: [{ type: "text", text: "Hello" }] },
  ];
  expect((await post({ messages })).body.answer?.output).toBe("[echo backend] Hello");
});

it("lists the aliases as OpenAI's models", async () => {
  const { status, text } = readResult(await fn.invoke(httpEvent(undefined, { method: "GET", path: "/v1/models" })));
  expect(status).toBe(200);
  const model = { object: "model", created: 0, owned_by: "llm-gw" };
  expect(JSON.parse(text)).toEqual({
    object: "list",
    data: [
      { id: "default", ...model },
      { id: "other", ...model },
    ],
  });
});

it("says that it is healthy, and its version, without a model", async () => {
  const { status, headers, text } = readResult(
    await fn.invoke(httpEvent(undefined, { method: "GET", path: "/health" })),
  );
  expect(status).toBe(200);
  expect(JSON.parse(text)).toEqual({ status: "ok", version: VERSION });
  expect(headers["x-llm-gw-backend"]).toBeUndefined();
});

describe("through the Lambda API", () => {
  it("takes the bare body and gives the bare answer", async () => {
    const { answer } = readDirect(await fn.invoke({ prompt: "Hello", model: "other" }));
    expect(answer).toMatchObject({ model: "other", output: "[echo backend] Hello" });
  });

  it("gives the bare error", async () => {
    expect(readDirect(await fn.invoke({ model: "other" })).error?.param).toBe("prompt");
    expect(readDirect(await fn.invoke("Hello")).error?.code).toBe("invalid_body");
    expect(readDirect(await fn.invoke({ prompt: "Hi" }, 500)).error?.code).toBe("deadline_exceeded");
  });
});

it("leaves a second of Lambda's time, and at most 28 s behind an HTTP API", () => {
  expect(timeLeft(300_000, 28_000)).toBe(28_000);
  expect(timeLeft(10_000, 28_000)).toBe(9_000);
  expect(timeLeft(300_000, Number.POSITIVE_INFINITY)).toBe(299_000);
});
