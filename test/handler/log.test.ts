import { expect, it } from "vitest";
import { logLine } from "../../src/commands/log-line.ts";
import { bufferedHandler } from "../../templates/handler/doors/buffered.ts";
import { createGateway } from "../../templates/handler/gateway.ts";
import { createLog } from "../../templates/handler/log.ts";
import { bundleHandler, tableOf } from "./support/bundle.ts";
import { httpEvent, readDirect, readHttp } from "./support/events.ts";
import { startFunction } from "./support/function.ts";
import { sendJson, startUpstream } from "./support/upstream.ts";

it("is one JSON line a request, without the texts", async () => {
  const upstream = await startUpstream((request, response) => {
    const good = {
      choices: [{ message: { content: "Elephant" }, finish_reason: "stop" }],
      usage: { prompt_tokens: 5, completion_tokens: 2 },
    };
    const failed = { error: { message: "Elephant" } };
    const { model } = JSON.parse(request.body);
    if (model === "uncounted") sendJson(response, 200, { ...good, usage: null }, { "x-request-id": "r".repeat(8000) });
    else sendJson(response, model === "m" ? 200 : 400, model === "m" ? good : failed, { "x-request-id": "up-1" });
  });
  const model = (name: string) => ({
    backend: "openai",
    baseUrl: upstream.url,
    model: name,
    key: { source: "env", name: "MODEL_KEY" },
  });
  const bundle = await bundleHandler(
    tableOf({ default: model("m"), bad: model("n"), echo: { backend: "echo" }, uncounted: model("uncounted") }),
  );
  const fn = startFunction(bundle.folder, {
    MODEL_KEY: "sk-test-0123456789",
    AWS_LAMBDA_FUNCTION_NAME: "llm-gw-prod",
  });
  await fn.invoke(httpEvent('{"prompt":"Giraffe"}'));
  await fn.invoke(httpEvent('{"prompt":"Giraffe","model":"bad","max_tokens":7}'));
  await fn.invoke({ prompt: "Giraffe", model: "echo" });
  await fn.invoke(httpEvent('"Giraffe'));
  await fn.invoke(httpEvent(undefined, { method: "GET", path: "/health" }));
  await fn.invoke(httpEvent("{}", { path: "/Giraffe" }));
  const uncounted = readHttp(await fn.invoke(httpEvent('{"prompt":"Giraffe","model":"uncounted"}')));
  expect(uncounted.body.answer?.usage).toEqual({ prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 });
  const { stdout, stderr } = await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);

  expect(stderr).toBe("");
  expect(stdout).not.toMatch(/Giraffe|Elephant|sk-test/);
  const [good, bad, ...others] = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const milliseconds = expect.any(Number);
  const metricsOf = (...names: string[]) => ({
    Timestamp: milliseconds,
    CloudWatchMetrics: [
      {
        Namespace: "llm-gw",
        Dimensions: [["faas.name", "llm_gw.alias"]],
        Metrics: names.map((Name) => ({ Name, Unit: /time|duration/.test(Name) ? "Milliseconds" : "Count" })),
      },
    ],
  });
  const tokens = ["gen_ai.usage.input_tokens", "gen_ai.usage.output_tokens"];
  const common = { "faas.name": "llm-gw-prod", "http.request.method": "POST", "http.route": "/inference" };
  expect(good).toEqual({
    _aws: metricsOf(...tokens, "llm_gw.time_to_first_token", "llm_gw.duration", "llm_gw.faults"),
    ...common,
    "faas.invocation_id": "request-1",
    "faas.coldstart": true,
    "http.response.status_code": 200,
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "m",
    "gen_ai.request.max_tokens": 1024,
    "gen_ai.response.finish_reasons": ["stop"],
    "gen_ai.usage.input_tokens": 5,
    "gen_ai.usage.output_tokens": 2,
    "llm_gw.alias": "default",
    "llm_gw.attempts": 1,
    "llm_gw.truncated": false,
    "llm_gw.upstream_request_id": "up-1",
    "llm_gw.time_to_first_token": milliseconds,
    "llm_gw.duration": milliseconds,
    "llm_gw.faults": 0,
  });
  expect(bad).toEqual({
    _aws: metricsOf("llm_gw.duration", "llm_gw.faults"),
    ...common,
    "faas.invocation_id": "request-2",
    "faas.coldstart": false,
    "http.response.status_code": 400,
    "error.type": "upstream_refused",
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "n",
    "gen_ai.request.max_tokens": 7,
    "llm_gw.alias": "bad",
    "llm_gw.attempts": 1,
    "llm_gw.upstream_request_id": "up-1",
    "llm_gw.reason": "upstream 400",
    "llm_gw.duration": milliseconds,
    "llm_gw.faults": 0,
  });
  expect(others).toMatchObject([
    { _aws: {}, "gen_ai.provider.name": "echo", "gen_ai.usage.output_tokens": 3, "http.response.status_code": 200 },
    { "error.type": "invalid_json", "http.response.status_code": 400, "llm_gw.faults": 0 },
    { "http.route": "/health", "http.response.status_code": 200, "llm_gw.faults": 0 },
    { "error.type": "unknown_route", "http.response.status_code": 404 },
    { _aws: metricsOf("llm_gw.time_to_first_token", "llm_gw.duration", "llm_gw.faults") },
  ]);
  // What the upstream did not count is not known to be nothing.
  expect(others.at(-1)).not.toHaveProperty(["gen_ai.usage.input_tokens"]);
  expect(others.at(-1)["llm_gw.upstream_request_id"]).toHaveLength(128);
  // What asks no model makes no metric.
  expect(others.map((line) => "_aws" in line)).toEqual([true, false, false, false, true]);
});

it("names an upstream's error by its code or type, when that is a word and not the key", async () => {
  const key = "sk-test-0123456789";
  const errors: Record<string, object> = {
    code: { error: { message: "Giraffe is gone", code: "model_not_found", type: "invalid_request_error" } },
    type: { message: "Giraffe is gone", type: "NotFoundError", code: 404 },
    text: { error: { message: "Giraffe is gone", type: "what of the Giraffe", code: "G".repeat(65) } },
    key: { error: { code: `no-${key}` } },
    none: { error: "Giraffe is gone" },
  };
  const upstream = await startUpstream((request, response) =>
    sendJson(response, 404, errors[JSON.parse(request.body).model] ?? {}),
  );
  const entry = (model: string) => [
    model,
    { backend: "openai", baseUrl: upstream.url, model, key: { source: "env", name: "MODEL_KEY" } },
  ];
  const bundle = await bundleHandler(tableOf(Object.fromEntries(Object.keys(errors).map(entry))));
  const fn = startFunction(bundle.folder, { MODEL_KEY: key });
  for (const model of Object.keys(errors)) await fn.invoke(httpEvent(JSON.stringify({ prompt: "Giraffe", model })));
  const { stdout } = await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);
  expect(stdout).not.toMatch(/Giraffe|sk-test/);
  const lines = stdout.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line)["llm_gw.reason"])).toEqual([
    "upstream 404 model_not_found",
    "upstream 404 NotFoundError",
    "upstream 404",
    "upstream 404 no-[key]",
    "upstream 404",
  ]);
});

it("names the model that is not there, but no text that only stands in the place of its name", async () => {
  const bundle = await bundleHandler(tableOf({ default: { backend: "echo" } }));
  const fn = startFunction(bundle.folder);
  const asked = [
    "us.anthropic.claude-x:0",
    "org/model@1",
    "m".repeat(129),
    "Tell me of the Giraffe",
    'Giraffe"\n{"x":1}',
    "",
  ];
  const codes: unknown[] = [];
  for (const model of asked) {
    codes.push(readHttp(await fn.invoke(httpEvent(JSON.stringify({ prompt: "Giraffe", model })))).body.error?.code);
  }
  const { stdout } = await fn.stop();
  await bundle.remove();
  expect(codes).toEqual(asked.map(() => "model_not_found"));
  expect(stdout).not.toContain("Giraffe");
  const lines = stdout.trimEnd().split("\n");
  expect(lines.map((line) => JSON.parse(line)["llm_gw.reason"])).toEqual([
    "no alias us.anthropic.claude-x:0",
    "no alias org/model@1",
    ...Array(4).fill("no name of a model"),
  ]);
  // A name that anybody may invent makes no metric.
  expect(stdout).not.toContain("_aws");
  expect(logLine(0, lines[1] ?? "")).toMatch(
    /Z 404 POST \/inference \d+ ms error: model_not_found, no alias org\/model@1 request-2$/,
  );
});

it("says the kind of a fault of ours, and the answer says nothing of it", async () => {
  const lines: string[] = [];
  let now = 0;
  const handler = bufferedHandler(
    createGateway({
      table: tableOf({ default: { backend: "echo" } }),
      env: {},
      version: "1",
      now: () => (now += 20),
      random: () => 0,
      log: createLog({}, (line) => lines.push(line)),
    }),
  );
  const context = {
    awsRequestId: "r",
    getRemainingTimeInMillis(): number {
      throw new TypeError("Giraffe");
    },
  };
  const { status, headers, body } = readHttp(await handler(httpEvent('{"prompt":"Hi"}'), context));
  expect(status).toBe(500);
  expect(headers["x-request-id"]).toBe("r");
  expect(JSON.stringify(body)).not.toMatch(/Giraffe|TypeError| at /);
  expect(readDirect(await handler({ prompt: "Hi" }, context)).error?.code).toBe("internal_error");
  expect(JSON.parse(lines[0] ?? "")).toMatchObject({
    "error.type": "internal_error",
    "llm_gw.reason": "TypeError",
    "http.response.status_code": 500,
    "llm_gw.faults": 1,
    "llm_gw.duration": 20,
  });
});

it("tells why a backend did not answer, when the next one does", async () => {
  const lines: string[] = [];
  const handler = bufferedHandler(
    createGateway({
      table: tableOf({
        default: [{ backend: "openai", baseUrl: "https://api.openai.com/v1", model: "m" }, { backend: "echo" }],
      }),
      env: {},
      version: "1",
      now: () => 0,
      random: () => 0,
      log: createLog({}, (line) => lines.push(line)),
    }),
  );
  const context = { awsRequestId: "r", getRemainingTimeInMillis: () => 10_000 };
  expect(readHttp(await handler(httpEvent('{"prompt":"Hi"}'), context)).status).toBe(200);
  const [line = ""] = lines;
  expect(JSON.parse(line)).toMatchObject({
    "http.response.status_code": 200,
    "gen_ai.provider.name": "echo",
    "llm_gw.attempts": 2,
    "llm_gw.reason": "no text in env:OPENAI_API_KEY",
  });
  expect(logLine(0, line)).toMatch(/^\S+ 200 default echo 1\+3 tokens 0 ms after: no text in env:OPENAI_API_KEY r$/);
});
