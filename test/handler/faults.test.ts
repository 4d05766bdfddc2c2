// Upstreams that behave badly, and what becomes of the answer: its status, its text and its x-llm-gw-* headers.
import type { ServerResponse } from "node:http";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Bundle, bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readError, readResult } from "./support/events.ts";
import { type RunningFunction, startFunction } from "./support/function.ts";
import { beginEvents, chunk, deadAddress, sendJson, sse, startUpstream, type Upstream } from "./support/upstream.ts";

type Step = (response: ServerResponse) => unknown;

const good: Step = (response) => beginEvents(response).end(sse(chunk({ content: "Good ☀" }), chunk({}, "stop")));
const status =
  (code: number, headers: Record<string, string> = {}): Step =>
  (response) =>
    sendJson(response, code, {}, headers);
const event = (value: object) => `data: ${JSON.stringify(value)}\n\n`;
const begun = event(chunk({ content: "Good" }));
const call = (name: string, json: string, index = 0) =>
  event(chunk({ tool_calls: [{ index, id: `call_${name}`, type: "function", function: { name, arguments: json } }] }));

/** What the upstream does at its first request for a model, its second, and so on; the last step stays. */
const behaviours: Record<string, readonly Step[]> = {
  good: [good],
  refusing: [status(400)],
  slow: [(response) => setTimeout(() => good(response), 300)],
  silent: [() => {}],
  stalling: [(response) => beginEvents(response, begun)],
  stalling_in_call: [(response) => beginEvents(response, call("weather", '{"city":"Os'))],
  stalling_after_call: [(response) => beginEvents(response, call("weather", "{}") + call("time", '{"zo', 1))],
  closing: [(response) => beginEvents(response).write(begun.slice(0, -9), () => response.destroy())],
  closing_once: [(response) => beginEvents(response).write(`${begun}data: {"ch`, () => response.destroy()), good],
  ending: [(response) => beginEvents(response).end(begun)],
  ending_without_reason: [(response) => beginEvents(response).end(begun + event(chunk({}, "")))],
  garbled: [(response) => beginEvents(response).end("data: {choices}\n\ndata: [DONE]\n\n")],
  odd: [(response) => beginEvents(response).end(event({ object: "list" }))],
  nameless_call: [(response) => beginEvents(response).end(event(chunk({ tool_calls: [{ index: 0, function: {} }] })))],
  failing_late_once: [
    (response) => beginEvents(response).end(begun + event({ error: { message: "overloaded" } })),
    good,
  ],
  limited_once: [status(429, { "retry-after": "0" }), good],
  limited_to_a_date: [status(429, { "retry-after": "Mon, 01 Jan 2024 00:00:00 GMT" }), good],
  limited: [status(429, { "retry-after": "17" })],
  limited_for_2_s: [status(429, { "retry-after": "2" }), good],
  failing: [status(500)],
  unauthorized: [status(401)],
  ...Object.fromEntries([408, 500, 502, 503, 504, 529].map((code) => [`once_${code}`, [status(code), good]])),
  long: [
    (response) => {
      const piece = event(chunk({ content: "x".repeat(100_000) }));
      beginEvents(response).end(piece.repeat(100) + sse(chunk({}, "stop")));
    },
  ],
  long_event: [(response) => beginEvents(response).end(event(chunk({ content: "x".repeat(10_000_000) })))],
  endless_line: [(response) => beginEvents(response).end("x".repeat(10_000_000))],
  in_bytes: [
    (response) => {
      const bytes = Buffer.from(sse(chunk({ content: "Grüße ☀ 🦒" }), chunk({}, "stop")).replaceAll("\n", "\r\n"));
      beginEvents(response).socket?.setNoDelay(true);
      const write = (index: number) =>
        index < bytes.length
          ? response.write(bytes.subarray(index, index + 1), () => setImmediate(write, index + 1))
          : response.end();
      write(0);
    },
  ],
};

let upstream: Upstream;
let bundle: Bundle;
let fn: RunningFunction;

const lost = { source: "env", name: "NO_KEY" };

/** Backends tried one after the other; "+" joins them in an alias. */
const lists = [
  "failing+echo",
  "limited+echo",
  "unauthorized+echo",
  "garbled+echo",
  "closing+echo",
  "silent+echo",
].concat(
  ["keyless+echo", "half+echo", "unknown+echo"],
  ["refusing+echo", "echo+good", "failing+echo+unauthorized", "echo+failing", "dead+good"],
);

beforeAll(async () => {
  const asked = new Map<string, number>();
  upstream = await startUpstream((request, response) => {
    const { model } = JSON.parse(request.body);
    const count = asked.get(model) ?? 0;
    asked.set(model, count + 1);
    (behaviours[model]?.[count] ?? behaviours[model]?.at(-1))?.(response);
  });
  const dead = await deadAddress();
  const entry = (name: string) => {
    if (name === "echo" || name === "unknown") return { backend: name };
    if (name === "half") return { backend: "openai" };
    if (name === "keyless") return { backend: "openai", baseUrl: upstream.url, model: "good", key: lost };
    return { backend: "openai", baseUrl: name === "dead" ? dead : upstream.url, model: name };
  };
  const aliases = [...Object.keys(behaviours), ...lists];
  const models = aliases.map((alias) => [alias, alias.split("+").map(entry)] as const);
  bundle = await bundleHandler(tableOf(Object.fromEntries(models)));
  fn = startFunction(bundle.folder);
  // The deadlines below are for the answer, not for loading the backend.
  await ask("good");
});
afterAll(async () => {
  await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);
});

/** `leftMs` is what there is until the deadline. */
async function ask(model: string, { leftMs = 20_000, ...more }: { leftMs?: number; [field: string]: unknown } = {}) {
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hi" }], ...more });
  const { status, headers, text } = readResult(
    await fn.invoke(httpEvent(body, { path: "/v1/chat/completions" }), leftMs + 1000),
  );
  const answer = JSON.parse(text);
  const error = readError(answer);
  const told = {
    backend: headers["x-llm-gw-backend"],
    attempts: Number(headers["x-llm-gw-attempts"]),
    truncated: headers["x-llm-gw-truncated"],
  };
  return { status, headers, told, error, choice: answer.choices?.[0], content: answer.choices?.[0]?.message.content };
}

it("waits for a slow first byte", async () => {
  expect(await ask("slow")).toMatchObject({
    status: 200,
    content: "Good ☀",
    told: { backend: "openai", attempts: 1 },
  });
});

describe("at the deadline", () => {
  it("answers with what there is", async () => {
    const { status, choice, told } = await ask("stalling", { leftMs: 800 });
    expect(status).toBe(200);
    expect(choice).toMatchObject({ message: { content: "Good" }, finish_reason: "length" });
    expect(told).toEqual({ backend: "openai", attempts: 1, truncated: "deadline" });
    await upstream.abandoned;
  });

  it("ends a buffered stream, too", async () => {
    const body = JSON.stringify({ model: "stalling", messages: [{ role: "user", content: "Hi" }], stream: true });
    const { status, headers, text } = readResult(
      await fn.invoke(httpEvent(body, { path: "/v1/chat/completions" }), 1800),
    );
    expect(status).toBe(200);
    expect(headers).toMatchObject({ "x-llm-gw-truncated": "deadline", "content-type": expect.stringMatching("event") });
    expect(text).toMatch(/"content":"Good".*"finish_reason":"length".*data: \[DONE\]\n\n$/s);
  });

  it("leaves out a tool call whose arguments are incomplete", async () => {
    const { status, choice, told } = await ask("stalling_after_call", { leftMs: 800 });
    expect(status).toBe(200);
    expect(choice.message.tool_calls).toMatchObject([{ function: { name: "weather", arguments: "{}" } }]);
    expect(choice.finish_reason).toBe("length");
    expect(told.truncated).toBe("deadline");
  });

  it.each(["silent", "stalling_in_call"])("answers 504 when there is nothing of use: %s", async (model) => {
    const { status, headers, error, told } = await ask(model, { leftMs: 800 });
    expect(status).toBe(504);
    expect(headers["x-should-retry"]).toBe("false");
    expect(error?.code).toBe("deadline_exceeded");
    expect(told).toEqual({ backend: "openai", attempts: 1, truncated: undefined });
  });

  it("has left the next backend time, when the first one hangs", async () => {
    expect(await ask("silent+echo", { leftMs: 1000 })).toMatchObject({
      status: 200,
      content: "[echo backend] Hi",
      told: { backend: "echo", attempts: 2, truncated: undefined },
    });
  });
});

it.each([
  ...["closing_once", "failing_late_once", "limited_once", "limited_to_a_date"],
  ...["once_408", "once_500", "once_502", "once_503", "once_504", "once_529"],
])("tries again after what may pass: %s", async (model) => {
  expect(await ask(model)).toMatchObject({
    status: 200,
    content: "Good ☀",
    told: { backend: "openai", attempts: 2, truncated: undefined },
  });
});

it.each([
  ["failing", 502, 3, "status 500"],
  ["closing", 502, 3, "no usable answer"],
  ["ending", 502, 3, "broke off"],
  ["ending_without_reason", 502, 3, "broke off"],
  ["garbled", 502, 1, "not answer with a chat completion"],
  ["odd", 502, 1, "not answer with a chat completion"],
  ["nameless_call", 502, 1, "not answer with a chat completion"],
  ["unauthorized", 502, 1, "status 401"],
  ["limited", 429, 1, "limiting"],
  ["long", 502, 1, "6 MB"],
  ["long_event", 502, 1, "6 MB"],
  ["endless_line", 502, 1, "6 MB"],
])("gives up on %s with %i after %i attempts", async (model, expected, attempts, words) => {
  const { status, error, told } = await ask(model);
  expect(status).toBe(expected);
  expect(error?.message).toContain(words);
  expect(told).toEqual({ backend: "openai", attempts, truncated: undefined });
});

it("does not wait longer than there is time", async () => {
  expect(await ask("limited_for_2_s", { leftMs: 1500 })).toMatchObject({ status: 429, told: { attempts: 1 } });
});

it("reads text that is cut anywhere", async () => {
  expect(await ask("in_bytes")).toMatchObject({ status: 200, content: "Grüße ☀ 🦒" });
});

describe("with more than one backend", () => {
  it.each([
    ["failing+echo", 4],
    ["closing+echo", 4],
    ["limited+echo", 2],
    ["unauthorized+echo", 2],
    ["garbled+echo", 2],
    ["keyless+echo", 2],
    ["half+echo", 2],
    ["unknown+echo", 2],
  ])("%s: the next one answers, at attempt %i", async (model, attempts) => {
    expect(await ask(model)).toMatchObject({
      status: 200,
      content: "[echo backend] Hi",
      told: { backend: "echo", attempts },
    });
  });

  it("goes on after one that nobody listens for", async () => {
    expect(await ask("dead+good")).toMatchObject({ status: 200, told: { backend: "openai", attempts: 4 } });
  });

  it("does not take a request that is at fault to the next one", async () => {
    expect(await ask("refusing+echo")).toMatchObject({
      status: 400,
      error: { code: "upstream_refused" },
      told: { backend: "openai", attempts: 1 },
    });
  });

  it("passes over one that cannot do what is asked", async () => {
    expect(await ask("echo+good", { stop: "END" })).toMatchObject({ status: 200, told: { backend: "openai" } });
  });

  it("says why the one failed that could have done it", async () => {
    expect(await ask("failing+echo+unauthorized", { stop: "END" })).toMatchObject({ status: 502 });
    expect((await ask("failing+echo", { stop: "END" })).error?.message).toContain("status 500");
    expect((await ask("echo+failing", { stop: "END" })).error?.message).toContain("status 500");
  });
});
