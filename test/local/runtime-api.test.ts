import { Agent, type IncomingMessage, type OutgoingHttpHeaders, request } from "node:http";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { AnswerStream } from "../../src/local/runtime/answer-stream.ts";
import { type Answer, RuntimeApi } from "../../src/local/runtime/runtime-api.ts";

// As AWS's own clients speak to it: one call after the other over one connection.
let api: RuntimeApi;
let agent: Agent;
let answers: Answer[] = [];
const polled = vi.fn();
const initFailed = vi.fn();

beforeEach(async () => {
  api = await RuntimeApi.listen();
  answers = [];
  polled.mockClear();
  initFailed.mockClear();
  api.report({ polled, initFailed, answered: (answer) => answers.push(answer) });
  agent = new Agent({ keepAlive: true, maxSockets: 1 });
});
afterEach(() => {
  agent.destroy();
  api.close();
});

function open(method: string, path: string, headers: OutgoingHttpHeaders = {}) {
  const [host = "", port] = api.address.split(":");
  const outgoing = request({ agent, host, port: Number(port), method, path: `/2018-06-01/runtime/${path}`, headers });
  const answered = new Promise<IncomingMessage>((resolve, reject) =>
    outgoing.once("response", resolve).once("error", reject),
  );
  const text = async () => {
    const response = await answered;
    let body = "";
    for await (const chunk of response) {
      body += String(chunk);
    }
    return { status: response.statusCode, headers: response.headers, body };
  };
  return { outgoing, text };
}

async function call(method: string, path: string, body = "", headers: OutgoingHttpHeaders = {}) {
  const { outgoing, text } = open(method, path, headers);
  outgoing.end(body);
  return text();
}

async function invocation(stream?: AnswerStream) {
  const next = call("GET", "invocation/next");
  await vi.waitUntil(() => api.polling);
  const payload = Buffer.from('{"a":"ü"}');
  api.send({ requestId: "r1", functionArn: "arn:fn", traceId: "Root=1", deadlineMs: 42, payload, stream });
  return next;
}

it("hands out an invocation, takes its answer and then the next call", async () => {
  expect(await invocation()).toMatchObject({
    status: 200,
    body: '{"a":"ü"}',
    headers: {
      "lambda-runtime-aws-request-id": "r1",
      "lambda-runtime-deadline-ms": "42",
      "lambda-runtime-invoked-function-arn": "arn:fn",
      "lambda-runtime-trace-id": "Root=1",
    },
  });
  expect(api.polling).toBe(false);
  expect(await call("POST", "invocation/r1/response", '"fine"')).toMatchObject({
    status: 202,
    body: '{"status":"OK"}',
  });
  expect(answers).toEqual([{ kind: "response", payload: Buffer.from('"fine"'), streamed: false }]);
});

it("knows whether the process waits", async () => {
  const { outgoing, text } = open("GET", "invocation/next");
  const broken = text().catch((error: unknown) => error);
  outgoing.end();
  await vi.waitUntil(() => api.polling);
  expect(polled).toHaveBeenCalledTimes(1);
  outgoing.destroy();
  await vi.waitUntil(() => !api.polling);
  expect(await broken).toBeInstanceOf(Error);
});

it("takes an error, and no second answer", async () => {
  await invocation();
  expect((await call("POST", "invocation/r1/error", "{}")).status).toBe(202);
  expect(answers).toEqual([{ kind: "error", payload: Buffer.from("{}"), streamed: false }]);
  const again = await call("POST", "invocation/r1/response", "{}");
  expect(again).toMatchObject({ status: 400, body: expect.stringContaining("InvalidRequestID") });
});

it("takes the report of a handler that cannot be loaded", async () => {
  expect((await call("POST", "init/error", '{"errorType":"X"}')).status).toBe(202);
  expect(initFailed).toHaveBeenCalledWith(Buffer.from('{"errorType":"X"}'));
});

it.each([
  ["GET", "nothing"],
  ["PUT", "invocation/r1/response"],
  ["POST", "invocation/r1/other"],
])("has no %s %s", async (method, path) => {
  expect(await call(method, path)).toMatchObject({ status: 404, body: expect.stringContaining("no such call") });
});

it("answers 413 to what is too large", async () => {
  await invocation();
  expect((await call("POST", "invocation/r1/response", "x".repeat(6_291_557))).status).toBe(413);
  expect(answers).toEqual([{ kind: "too-large", payload: Buffer.alloc(0), streamed: false }]);
});

it("takes an answer in chunks, and an error behind them", async () => {
  const stream = new AnswerStream();
  await invocation(stream);
  const { outgoing, text } = open("POST", "invocation/r1/response", {
    "lambda-runtime-function-response-mode": "streaming",
    "content-type": "text/plain",
    trailer: "Lambda-Runtime-Function-Error-Type, Lambda-Runtime-Function-Error-Body",
  });
  outgoing.write("one");
  const reader = stream.chunks[Symbol.asyncIterator]();
  expect(await stream.contentType).toBe("text/plain");
  expect((await reader.next()).value?.toString()).toBe("one");
  // As large as stacks get.
  const failure = JSON.stringify({ errorType: "Late", trace: ["x".repeat(100_000)] });
  outgoing.addTrailers({
    "Lambda-Runtime-Function-Error-Type": "Late",
    "Lambda-Runtime-Function-Error-Body": Buffer.from(failure).toString("base64"),
  });
  outgoing.end();
  expect((await text()).status).toBe(202);
  expect(answers).toEqual([{ kind: "error", payload: Buffer.from(failure), streamed: false }]);
});
