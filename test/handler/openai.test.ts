import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { connect } from "../../templates/handler/backends/openai.ts";
import type { ChatRequest } from "../../templates/handler/request/chat-request.ts";
import { createSecrets } from "../../templates/handler/secrets.ts";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readHttp } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { beginEvents, chunk, deadAddress, sendJson, sse, startUpstream, type Upstream } from "./support/upstream.ts";

const KEY = "sk-test/0123456789";
const completion = {
  id: "chatcmpl-1",
  object: "chat.completion",
  choices: [{ index: 0, message: { role: "assistant", content: "Good day." }, finish_reason: "stop" }],
  usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
};

let limitedOnce = false;

/** How the upstream behaves for each model name, answering in one piece; the name is also the alias. */
const behaviours: Record<string, (response: ServerResponse) => void> = {
  good: (response) => sendJson(response, 200, completion, { "x-request-id": "up-1" }),
  marked: (response) => response.end(`\uFEFF${JSON.stringify(completion)}`),
  capital: (response) => {
    const events = sse(chunk({ content: "Good day." }), chunk({}, "stop"));
    response.writeHead(200, { "content-type": "Text/Event-Stream; charset=UTF-8" }).end(events);
  },
  open: (response) => beginEvents(response, sse(chunk({ content: "Good day." }), chunk({}, "stop"))),
  long: (response) => sendJson(response, 200, withChoice({ message: { content: null }, finish_reason: "length" })),
  odd: (response) => sendJson(response, 200, { choices: [{ message: { content: "Hm" }, finish_reason: "eos" }] }),
  limited: (response) => sendJson(response, 429, { error: { message: "slow down" } }, { "retry-after": "17" }),
  refusing: (response) => sendJson(response, 400, { error: { message: `max_tokens too large for ${KEY}` } }),
  // A server may write a slash in JSON in two ways.
  refusing_with_slashes: (response) =>
    response.writeHead(400).end(JSON.stringify({ error: { message: `no ${KEY}` } }).replaceAll("/", "\\/")),
  worded: (response) =>
    sendJson(response, 400, { object: "error", message: "vLLM's own words", param: null, code: 400 }),
  plain: (response) => sendJson(response, 422, { error: "inputs are too long" }),
  detailed: (response) => sendJson(response, 422, { detail: "no such field" }),
  listed: (response) => sendJson(response, 422, { detail: [{ loc: ["body"], msg: "extra field" }] }),
  too_long: (response) => {
    const error = { message: "at most 128000 tokens", param: "messages[0].content", code: "context_length_exceeded" };
    sendJson(response, 400, { error });
  },
  wordy: (response) => sendJson(response, 400, { error: { message: "Hm", param: "two words", code: "x".repeat(65) } }),
  limited_ms: (response) => sendJson(response, 429, {}, { "retry-after-ms": "17000", "retry-after": "0" }),
  limited_ms_once: (response) => {
    limitedOnce ? sendJson(response, 200, completion) : sendJson(response, 429, {}, { "retry-after-ms": "0" });
    limitedOnce = true;
  },
  unpaid: (response) => sendJson(response, 429, { error: { message: "no credit", code: "insufficient_quota" } }),
  oversized: (response) => sendJson(response, 413, {}),
  unprocessable: (response) => sendJson(response, 422, { detail: [] }),
  unauthorized: (response) => sendJson(response, 401, { error: { message: `Incorrect API key: ${KEY}` } }),
  missing: (response) => sendJson(response, 404, { error: { message: "no such model" } }),
  failing: (response) => sendJson(response, 500, { error: { message: "stack trace" } }),
  garbled: (response) => response.end("<html>"),
  unfinished: (response) => sendJson(response, 200, { choices: [{ message: { content: "Hm" } }] }),
  empty: (response) => sendJson(response, 200, { choices: [] }),
  huge: (response) => response.end("x".repeat(7_000_000)),
  broken: (response) => response.writeHead(200).write('{"choices":', () => response.destroy()),
  redirecting: (response) => response.writeHead(307, { location: `${elsewhere.url}/v1/chat/completions` }).end(),
};

function withChoice(choice: object): object {
  return { ...completion, choices: [choice] };
}

const nothing = undefined;
const hi: ChatRequest = {
  messages: [{ role: "user", content: [{ type: "text", text: "Hi" }] }],
  maxTokens: 1024,
  ...{ temperature: nothing, topP: nothing, stop: nothing, tools: nothing, toolChoice: nothing },
  responseFormat: nothing,
  settings: {},
};
const surroundings = { secrets: createSecrets({ OPENAI_API_KEY: KEY }, () => 0) };

let elsewhere: Upstream;
let slow: Record<string, Upstream>;
let upstream: Upstream;
let bundle: Bundle;
let fn: RunningFunction;

beforeAll(async () => {
  elsewhere = await startUpstream((_, response) => sendJson(response, 200, completion));
  slow = {
    silent: await startUpstream(() => {}),
    stalling: await startUpstream((_, response) => response.writeHead(200).write('{"choices":')),
  };
  upstream = await startUpstream((request, response) => {
    const { model } = JSON.parse(request.body);
    behaviours[model]?.(response);
  });
  const aliases = [
    ...Object.keys(behaviours).map((model) => [
      model,
      { backend: "openai", baseUrl: `${upstream.url}/v1/`, model, key: { source: "env", name: "MODEL_KEY" } },
    ]),
    ...Object.entries(slow).map(([model, { url }]) => [model, { backend: "openai", baseUrl: url, model }]),
  ];
  const dead = { backend: "openai", baseUrl: await deadAddress(), model: "any" };
  const half = { backend: "openai", model: "any" };
  const keyed = { ...half, baseUrl: `${upstream.url}/v1`, model: "good" };
  bundle = await bundleHandler(
    tableOf({
      ...Object.fromEntries(aliases),
      dead,
      half,
      keyed: { ...keyed, key: { source: "env", name: "OTHER_KEY" } },
      elsewhere: { ...half, baseUrl: `${elsewhere.url}/v1` },
      lost: { ...keyed, key: { source: "env", name: "NO_KEY" } },
      odd_key: { ...keyed, key: "OTHER_KEY" },
      other: { backend: "x" },
    }),
  );
  fn = startFunction(bundle.folder, { OPENAI_API_KEY: "sk-openai", MODEL_KEY: KEY, OTHER_KEY: "sk-other" });
});
afterAll(async () => {
  await fn.stop();
  await Promise.all([
    bundle.remove(),
    ...[upstream, elsewhere, ...Object.values(slow)].map((server) => server.close()),
  ]);
});

async function ask(model: string, more: object = {}, remainingMs?: number) {
  return readHttp(await fn.invoke(httpEvent(JSON.stringify({ prompt: "Hi", model, ...more })), remainingMs));
}

describe("what is sent upstream", () => {
  it("is a chat completion request with the key", async () => {
    const before = upstream.requests.length;
    await ask("good");
    await ask("good", { max_tokens: 7 });
    const [first, second] = upstream.requests.slice(before);
    expect(first).toMatchObject({ method: "POST", path: "/v1/chat/completions" });
    expect(first?.headers.authorization).toBe(`Bearer ${KEY}`);
    const asked = {
      model: "good",
      messages: [{ role: "user", content: "Hi" }],
      stream: true,
      stream_options: { include_usage: true },
    };
    expect(JSON.parse(first?.body ?? "")).toEqual({ ...asked, max_tokens: 1024 });
    expect(JSON.parse(second?.body ?? "")).toEqual({ ...asked, max_tokens: 7 });
  });

  it("has no authorization for a server without a key of its own, whatever OPENAI_API_KEY says", async () => {
    await ask("elsewhere");
    expect(elsewhere.requests.map(({ headers }) => headers.authorization)).toEqual([undefined]);
  });

  it("has the key of its own server, when there is one", async () => {
    await ask("keyed");
    expect(upstream.requests.at(-1)?.headers.authorization).toBe("Bearer sk-other");
  });

  it("has OPENAI_API_KEY for OpenAI's own API, whose models are limited by the field they accept", async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json(completion));
    vi.stubGlobal("fetch", fetch);
    const entry = { backend: "openai", baseUrl: "https://api.openai.com/v1", model: "gpt" };
    const backend = connect(entry, surroundings);
    for await (const _ of backend.stream(hi, new AbortController().signal));
    vi.unstubAllGlobals();
    const [, sent] = fetch.mock.calls[0] ?? [];
    expect(new Headers(sent?.headers).get("authorization")).toBe(`Bearer ${KEY}`);
    const body = JSON.parse(String(sent?.body));
    expect(body).toMatchObject({ max_completion_tokens: 1024 });
    expect(body).not.toHaveProperty("max_tokens");
  });
});

describe("what comes back", () => {
  it("is the completion under the alias", async () => {
    const { status, body } = await ask("good");
    expect(status).toBe(200);
    expect(body.answer).toMatchObject({
      model: "good",
      output: "Good day.",
      finish_reason: "stop",
      usage: { prompt_tokens: 9, completion_tokens: 3, total_tokens: 12 },
    });
  });

  it.each(["marked", "capital"])("is read whatever its mark and media type look like: %s", async (model) => {
    expect((await ask(model)).body.answer?.output).toBe("Good day.");
  });

  it("is read to its end, so that the connection serves the next request", async () => {
    const ends: string[] = [];
    const pieces = [Buffer.from(sse(chunk({ content: "Good day." }), chunk({}, "stop")))];
    const body = new ReadableStream<Uint8Array>(
      {
        pull(controller) {
          const piece = pieces.shift();
          if (piece !== undefined) return controller.enqueue(piece);
          ends.push("read");
          controller.close();
        },
        cancel() {
          ends.push("dropped");
        },
      },
      // Nothing is taken from the source before it is read.
      { highWaterMark: 0 },
    );
    vi.stubGlobal("fetch", async () => new Response(body, { headers: { "content-type": "text/event-stream" } }));
    const backend = connect({ backend: "openai", baseUrl: "https://a.example", model: "m" }, surroundings);
    for await (const _ of backend.stream(hi, new AbortController().signal));
    vi.unstubAllGlobals();
    expect(ends).toEqual(["read"]);
  });

  it("is whole when it has said so, though the connection stays open", async () => {
    expect(await ask("open")).toMatchObject({ status: 200, body: { answer: { finish_reason: "stop" } } });
  });

  it("may have no text, no usage and a finish reason of its own", async () => {
    expect((await ask("long")).body.answer).toMatchObject({ output: "", finish_reason: "length" });
    expect((await ask("odd")).body.answer).toMatchObject({
      output: "Hm",
      finish_reason: "stop",
      usage: { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 },
    });
  });

  it("is a 429 with the upstream's retry-after", async () => {
    const { status, headers, body } = await ask("limited");
    expect(status).toBe(429);
    expect(headers["retry-after"]).toBe("17");
    expect(body.error?.type).toBe("rate_limit_error");
  });

  it.each([
    ["refusing", 400, "max_tokens too large for [key]"],
    ["refusing_with_slashes", 400, "no [key]"],
    ["oversized", 413, "too large"],
    ["unprocessable", 400, "refused"],
    ["unauthorized", 502, "status 401"],
    ["missing", 502, "status 404"],
    ["failing", 502, "status 500"],
    ["garbled", 502, "chat completion"],
    ["empty", 502, "broke off"],
    ["huge", 502, "6 MB"],
    ["broken", 502, "no usable answer"],
    ["dead", 502, "ECONNREFUSED"],
    ["unfinished", 502, "broke off"],
    ["half", 500, '"baseUrl"'],
    ["odd_key", 500, '"key"'],
    ["lost", 500, "key"],
    ["other", 500, "echo"],
  ])("is an error for the %s upstream: %i, %s", async (model, expected, words) => {
    const { status, body } = await ask(model);
    expect(status).toBe(expected);
    expect(body.error?.message).toContain(words);
    expect(JSON.stringify(body)).not.toMatch(/sk-test|stack trace|127\.0\.0\.1/);
  });

  it.each([
    ["worded", "vLLM's own words", null, "upstream_refused"],
    ["plain", "inputs are too long", null, "upstream_refused"],
    ["detailed", "no such field", null, "upstream_refused"],
    ["listed", "extra field", null, "upstream_refused"],
    ["too_long", "128000 tokens", "messages[0].content", "context_length_exceeded"],
    ["wordy", "Hm", null, "upstream_refused"],
  ])("has the upstream's words, the field and the code: %s", async (model, words, param, code) => {
    const { status, body } = await ask(model);
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ param, code, message: expect.stringContaining(words) });
  });

  it("asks to wait as the upstream does, which is not waited for when that is long or in vain", async () => {
    const limited = await ask("limited_ms");
    expect(limited.status).toBe(429);
    expect(limited.headers).toMatchObject({ "retry-after-ms": "17000", "x-llm-gw-attempts": "1" });
    expect(await ask("limited_ms_once")).toMatchObject({ status: 200, headers: { "x-llm-gw-attempts": "2" } });
    expect(await ask("unpaid")).toMatchObject({ status: 429, headers: { "x-llm-gw-attempts": "1" } });
  });

  it("is not tried again for a certificate that is not trusted", async () => {
    const cause = Object.assign(new Error("expired"), { code: "CERT_HAS_EXPIRED" });
    vi.stubGlobal("fetch", () => Promise.reject(new TypeError("fetch failed", { cause })));
    const backend = connect({ backend: "openai", baseUrl: "https://a.example", model: "m" }, surroundings);
    const failed = backend.stream(hi, new AbortController().signal)[Symbol.asyncIterator]().next();
    await expect(failed).rejects.toMatchObject({ status: 502, recovery: "next", reason: "CERT_HAS_EXPIRED" });
    vi.unstubAllGlobals();
  });

  it("is a 502 for a redirect, and the key goes nowhere else", async () => {
    const before = elsewhere.requests.length;
    const { status } = await ask("redirecting");
    expect(status).toBe(502);
    expect(elsewhere.requests.length).toBe(before);
  });

  it.each(["silent", "stalling"])("is a 504 for the %s upstream, whose request is aborted", async (model) => {
    await ask("good"); // the deadline is for the answer, not for loading the backend
    const { status, headers, body } = await ask(model, {}, 2500);
    expect(status).toBe(504);
    expect(headers["x-should-retry"]).toBe("false");
    expect(body.error?.code).toBe("deadline_exceeded");
    await slow[model]?.abandoned;
  });
});
