import { expect, it } from "vitest";
import { createGateway } from "../../templates/handler/gateway.ts";
import type { RequestRecord } from "../../templates/handler/log.ts";
import { bundleHandler } from "./support/bundle.ts";
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
    const isGood = JSON.parse(request.body).model === "m";
    sendJson(response, isGood ? 200 : 400, isGood ? good : failed, { "x-request-id": "up-1" });
  });
  const model = (name: string) => ({ backend: "openai", baseUrl: upstream.url, model: name });
  const bundle = await bundleHandler({ models: { default: model("m"), bad: model("n"), echo: { backend: "echo" } } });
  const fn = startFunction(bundle.folder, { OPENAI_API_KEY: "sk-test-0123456789" });
  await fn.invoke(httpEvent('{"prompt":"Giraffe"}'));
  await fn.invoke(httpEvent('{"prompt":"Giraffe","model":"bad"}'));
  await fn.invoke({ prompt: "Giraffe", model: "echo" });
  await fn.invoke(httpEvent('"Giraffe'));
  const { stdout, stderr } = await fn.stop();
  await Promise.all([bundle.remove(), upstream.close()]);

  expect(stderr).toBe("");
  expect(stdout).not.toMatch(/Giraffe|Elephant|sk-test/);
  const lines = stdout
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
  const milliseconds = expect.any(Number);
  const route = "POST /inference";
  expect(lines).toEqual([
    {
      requestId: "request-1",
      route,
      coldStart: true,
      alias: "default",
      backend: "openai",
      promptTokens: 5,
      completionTokens: 2,
      upstreamRequestId: "up-1",
      status: 200,
      milliseconds,
    },
    {
      requestId: "request-2",
      route,
      coldStart: false,
      alias: "bad",
      backend: "openai",
      upstreamRequestId: "up-1",
      status: 400,
      error: "upstream_refused",
      reason: "upstream 400",
      milliseconds,
    },
    {
      requestId: "request-3",
      route,
      coldStart: false,
      alias: "echo",
      backend: "echo",
      promptTokens: 1,
      completionTokens: 3,
      status: 200,
      milliseconds,
    },
    { requestId: "request-4", route, coldStart: false, status: 400, error: "invalid_json", milliseconds },
  ]);
});

it("says the kind of a fault of ours, and the answer says nothing of it", async () => {
  const records: RequestRecord[] = [];
  let now = 0;
  const handler = createGateway({
    table: { models: { default: { backend: "echo" } } },
    env: {},
    now: () => (now += 20),
    log: (record) => records.push(record),
  });
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
  expect(records[0]).toMatchObject({ error: "internal_error", reason: "TypeError", status: 500, milliseconds: 20 });
});
