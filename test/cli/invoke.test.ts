// What invoke tells beside the answer, of a function that answers what its prompt says.
import type { ChildProcess } from "node:child_process";
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterAll, beforeAll, beforeEach, describe, expect, onTestFinished, test } from "vitest";
import { finished, start, temporaryFolder } from "../support/cli.ts";
import { type Output, runHere } from "../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";

let aws: LocalTestAws;
let heard: (line: string) => void = () => undefined;
beforeAll(async () => {
  aws = await startLocal((line) => heard(line));
});
afterAll(() => aws.close());
beforeEach(async () => {
  expect(await deploy(await configured("says", { code: SAYS }))).toMatchObject({ code: 0 });
});

const SAYS = "export const handler = async ({ body }) => JSON.parse(JSON.parse(body).prompt);";

/** A folder with a function of one's own, and its configuration. */
async function configured(name: string, { code, ...more }: { code: string; routes?: string[]; timeout?: number }) {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app", "index.mjs"), code);
  const { timeout = 300, ...config } = more;
  const own = { code: "./app", runtime: "nodejs24.x", handler: "index.handler", timeout };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify({ name, function: own, ...config }));
  return folder;
}

const env = () => ({ LLM_GW_LOCAL_PORT: new URL(aws.url).port });
const deploy = (cwd: string) => runHere(["deploy", "--local"], { cwd, env: env() });
/** Asks the function that says what it is told. */
async function invoke(answer: object, via: string, timeout?: number) {
  const cwd = await configured("says", { code: SAYS, ...(timeout !== undefined && { timeout }) });
  const args = ["invoke", "--local", "--via", via, "--prompt", JSON.stringify(answer)];
  return runHere(args, { cwd, env: env() });
}

describe("an answer that ends because time ran out is told", () => {
  const body = JSON.stringify({ output: "so far", truncated: "deadline" });
  const inBody = { statusCode: 200, body };
  const inHeader = { statusCode: 200, headers: { "x-llm-gw-truncated": "deadline" }, body: '{"output":"so far"}' };
  const more = (seconds: number) =>
    `give the function more than its ${seconds} s, with --timeout or "timeout" in llm-gw.json`;
  test.each([
    ["http", "header", inHeader, undefined, "llm-gw invoke --via lambda"],
    ["http", "body", inBody, undefined, "llm-gw invoke --via lambda"],
    ["http", "body, of a function with less time than API Gateway has", inBody, 29, more(29)],
    ["lambda", "body", inBody, undefined, more(300)],
  ])("over %s, in the %s", async (via, _, answer, timeout, longer) => {
    const run = await invoke(answer, via, timeout);
    expect(run).toMatchObject({ code: 0, stdout: "so far\n" });
    const line = longer.replace("llm-gw invoke", `LLM_GW_LOCAL_PORT=${env().LLM_GW_LOCAL_PORT} llm-gw invoke --local`);
    expect(run.stderr).toBe(`warning: time ran out, and the answer ends there; for longer answers: ${line}\n`);
  });
});

describe("what to do about an error depends on who made it", () => {
  const ofFunction = (code: string) => ({ error: { message: "no", code } });
  test.each([
    [429, ofFunction("rate_limit_exceeded"), /^hint: The model's upstream limits requests, not the gateway/m],
    [429, { message: "Too Many Requests" }, /^hint: Too many requests for the configured throttle/m],
    [404, ofFunction("model_not_found"), /^hint: The models are those of "models" in llm-gw\.json/m],
    [404, { message: "Not Found" }, /^hint: The route is not published/m],
    [403, ofFunction("forbidden"), /^hint: The function answered so/m],
    [403, { message: "Forbidden" }, /^hint: Your AWS identity needs execute-api:Invoke/m],
    [
      504,
      ofFunction("deadline_exceeded"),
      /^hint: The model took longer .* longer answers: .*llm-gw invoke --local --via lambda/m,
    ],
    [503, { message: "Service Unavailable" }, /^hint: API Gateway waits 30 s at most/m],
    [403, ofFunction("constructor"), /^hint: The function answered so/m],
    [503, ofFunction("overloaded"), /^hint: Look into the function's log/m],
    [
      500,
      { message: "Internal Server Error" },
      /^hint: .* Called directly, it tells which: .*llm-gw invoke --local --via lambda --prompt "\.\.\."; its log: .*llm-gw logs --local$/m,
    ],
  ])("%i %j", async (statusCode, body, hint) => {
    const run = await invoke({ statusCode, body: JSON.stringify(body) }, "http");
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(hint);
  });
});

describe("an answer that its tokens have ended is told", () => {
  const usage = { prompt_tokens: 3, completion_tokens: 5 };
  const chat = { choices: [{ finish_reason: "length", message: { content: "so" } }], usage };
  const told = (where: string, limit: string) =>
    `warning: the answer was cut off${where}; for a longer one: ${limit}\n`;
  test.each([
    ["of /inference", { output: "so", finish_reason: "length", usage }, told(" after 5 tokens", "--max-tokens N")],
    ["of a chat", chat, told(" after 5 tokens", "--max-tokens N")],
    ["without a count", { output: "so", finish_reason: "length" }, told("", "--max-tokens N")],
    ["that is whole", { output: "so", finish_reason: "stop", usage }, ""],
  ])("%s", async (_, body, stderr) => {
    for (const via of ["http", "lambda"]) expect(await invoke(body, via)).toMatchObject({ code: 0, stderr });
  });

  test("of a request that was given as JSON", async () => {
    const cwd = await configured("says", { code: SAYS });
    const data = JSON.stringify({ prompt: '{"finish_reason":"length"}' });
    const run = await runHere(["invoke", "--local", "--data", data], { cwd, env: env() });
    expect(run.stderr).toBe(told("", '"max_tokens" in --data'));
  });
});

describe("what API Gateway would refuse of a function that is called itself is told", () => {
  const refused = /^warning: over HTTP, API Gateway answers 500 in place of this: (.*)\n/;
  test.each([
    [{ statusCode: 200, body: { output: "an object" } }, '"body" has to be a string, such as JSON as text'],
    [{ statusCode: 99 }, '"statusCode" has to be a number from 200 to 599'],
    [{ statusCode: 200, headers: { a: ["b"] } }, '"headers" has to be an object of strings that are headers'],
    [{ statusCode: 200, headers: { "a b": "c" } }, '"headers" has to be an object of strings that are headers'],
    [{ statusCode: 200, headers: { a: "b\nc" } }, '"headers" has to be an object of strings that are headers'],
    [{ statusCode: 200, cookies: "a=b" }, '"cookies" has to be a list of strings'],
    [{ statusCode: 200, isBase64Encoded: "yes" }, '"isBase64Encoded" has to be true or false'],
    [{ statusCode: 404, body: 1 }, '"body" has to be a string, such as JSON as text'],
  ])("%j", async (answer, why) => {
    expect((await invoke(answer, "http")).stderr).toContain("the gateway answered 500: Internal Server Error");
    expect(refused.exec((await invoke(answer, "lambda")).stderr)?.[1]).toBe(why);
  });

  test.each([
    { output: "no envelope" },
    { statusCode: "200", body: "a" },
    { statusCode: 200, headers: null, cookies: ["a=b"] },
  ])("%j is not", async (answer) => {
    for (const via of ["http", "lambda"]) expect(await invoke(answer, via)).toMatchObject({ code: 0, stderr: "" });
  });
});

describe("with --json an error has what a script looks for", () => {
  const failed = async (answer: object, via: string) => {
    const cwd = await configured("says", { code: SAYS });
    const args = ["invoke", "--local", "--json", "--via", via, "--prompt", JSON.stringify(answer)];
    return JSON.parse((await runHere(args, { cwd, env: env() })).stdout).error;
  };
  const id = expect.stringMatching(/^[\w/+=-]+$/);
  const body = JSON.stringify({ error: { message: "no", code: "model_not_found" } });

  test.each(["http", "lambda"])("over %s: status, request and the answer's code", async (via) => {
    const error = await failed({ statusCode: 404, body }, via);
    expect(error).toMatchObject({ code: "InvokeFailed", status: 404, requestId: id, errorType: "model_not_found" });
  });

  test("of an error of API Gateway, which has no code", async () => {
    const error = await failed({ statusCode: 200, body: 1 }, "http");
    expect(error).toMatchObject({ code: "InvokeFailed", status: 500, requestId: id });
    expect(error).not.toHaveProperty("errorType");
  });

  test("of a function that throws, which has no status", async () => {
    const cwd = await configured("says", { code: SAYS });
    const args = ["invoke", "--local", "--json", "--via", "lambda", "--prompt", "no JSON"];
    const { error } = JSON.parse((await runHere(args, { cwd, env: env() })).stdout);
    expect(error).toMatchObject({ code: "InvokeFailed", requestId: id, errorType: "SyntaxError" });
    expect(error).not.toHaveProperty("status");
  });
});

describe("while it waits for long", () => {
  /** Whatever it waits for is over at once. */
  const clock = { now: () => 0, elapsed: () => 0, sleep: async () => undefined };
  const wait = "waiting for the answer";
  const asked = async (output: Output, ...more: string[]) => {
    const cwd = await configured("says", { code: SAYS });
    return runHere(["invoke", "--local", "--prompt", '{"output":"here"}', ...more], { cwd, env: env(), output, clock });
  };
  const terminal = { columns: 80, colours: false };

  test("a person at a terminal sees it, and nothing of it in the end", async () => {
    const { rawStderr, stdout, stderr } = await asked(terminal);
    expect(rawStderr).toContain(wait);
    expect({ stdout: stdout.trim(), stderr: stderr.trim() }).toEqual({ stdout: "here", stderr: "" });
  });

  test("a file and a script do not", async () => {
    expect(await asked("piped")).toMatchObject({ stdout: "here\n", rawStderr: "" });
    expect((await asked(terminal, "--json")).rawStderr).not.toContain(wait);
  });
});

const ask = (cwd: string, via: string, ...more: string[]) =>
  runHere(["invoke", "--local", "--via", via, "--prompt", "Hi", ...more], { cwd, env: env() });

test.each([
  [["GET /health", "POST /ask"], "POST /ask"],
  [["POST /items/{id}", "$default", "ANY /ask"], "ANY /ask"],
  [["GET /health", "POST /items/{id}", "$default"], "$default"],
  [["GET /items/{id}", "POST /items/{id}"], "POST /items/{id}"],
  [["GET /health", "PUT /ask"], "PUT /ask"],
])("of the routes %j the one for prompts is asked, over HTTP and of the function itself", async (routes, chosen) => {
  const code = "export const handler = async ({ routeKey, body }) => ({ output: routeKey + ' ' + body });";
  const cwd = await configured("routed", { code, routes });
  const deployed = await deploy(cwd);
  expect(deployed.stdout).toContain(`-X ${chosen.startsWith("PUT") ? "PUT" : "POST"} `);
  for (const via of ["http", "lambda"]) expect((await ask(cwd, via)).stdout).toBe(`${chosen} {"prompt":"Hi"}\n`);
});

test("where no route takes a prompt, none is lost: it is refused, and no line of deploy sends one", async () => {
  const code = "export const handler = async () => ({ status: 'ok' });";
  const cwd = await configured("routed", { code, routes: ["GET /health", "HEAD /health"] });
  const { stdout } = await deploy(cwd);
  expect(stdout).toMatch(/^(http:\S+\/health)\ncurl -sS .* -X GET \1\n$/);
  for (const via of ["http", "lambda"]) {
    expect(await ask(cwd, via)).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringMatching(/^error: no route takes a prompt: GET \/health, HEAD \/health\nhint: .*POST/m),
    });
  }
});

test("a route for prompts that only a flag of deploy has named comes before the configured ones that take none", async () => {
  const code = "export const handler = async ({ routeKey }) => ({ output: routeKey });";
  const cwd = await configured("routed", { code, routes: ["GET /health"] });
  await runHere(["deploy", "--local", "--route", "GET /health", "--route", "POST /ask"], { cwd, env: env() });
  expect((await ask(cwd, "http")).stdout).toBe("POST /ask\n");
});

test.each(["POST /items/{id}/{rest+}", "$default"])(
  "on %s the function itself gets the event that HTTP brings",
  async (route) => {
    const cwd = await configured("event", { code: "export const handler = async (event) => event;", routes: [route] });
    const { stdout } = await deploy(cwd);
    const eventOf = async (via: string) => JSON.parse((await ask(cwd, via, "--raw")).stdout);
    const [overHttp, called] = [await eventOf("http"), await eventOf("lambda")];

    // To curl, braces are a set of URLs.
    expect(stdout).toContain(`${overHttp.rawPath} -H `);
    expect(overHttp.rawPath).toMatch(/^\/prod\/(items\/id\/rest)?$/);

    // What only API Gateway knows.
    const {
      authorization,
      "x-amz-date": _date,
      "x-amz-content-sha256": _sha,
      "x-amzn-trace-id": _trace,
      ...headers
    } = overHttp.headers;
    const { authorizer, ...requestContext } = overHttp.requestContext;
    expect({ authorization, authorizer }).toEqual({
      authorization: expect.any(String),
      authorizer: expect.any(Object),
    });
    // What each request has of its own.
    const id = expect.stringMatching(/^[\w-]+$/);
    const domainName = `${called.requestContext.apiId}.execute-api.us-east-1.amazonaws.com`;
    expect(called).toEqual({
      ...overHttp,
      headers: { ...headers, host: domainName, "x-forwarded-port": "443", "x-forwarded-proto": "https" },
      requestContext: {
        ...requestContext,
        ...{ apiId: id, domainPrefix: called.requestContext.apiId, domainName, requestId: id },
        time: "01/Jan/2026:00:00:00 +0000",
        timeEpoch: Date.UTC(2026, 0, 1),
      },
    });
    expect(requestContext.time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
  },
);

describe("Ctrl-C ends it at once", () => {
  const interrupted = { code: 130, stdout: "", stderr: expect.stringContaining("error: interrupted\n") };

  /** Ends with the test, should Ctrl-C not have ended it. */
  function started(cwd: string, args: readonly string[]): ChildProcess {
    const child = start(cwd, env(), args);
    onTestFinished(() => void child.kill("SIGKILL"));
    return child;
  }

  test("while the function works", async () => {
    const cwd = await configured("says", { code: SAYS });
    await aws.faults({ kind: "hang", operation: "Invoke", nth: 1, times: 1, effect: "before" });
    const child = started(cwd, ["invoke", "--local", "--via", "lambda", "--prompt", "{}"]);
    heard = (line) => line.endsWith("Invoke hangs") && child.kill("SIGINT");
    expect(await finished(child)).toEqual(interrupted);
    await aws.faults();
  });

  test("while standard input goes on", async () => {
    const child = started(await temporaryFolder(), ["invoke", "--local", "--file", "-"]);
    const run = finished(child);
    child.stdin?.on("error", () => undefined);
    // More than a pipe holds: some of it has been read when there is room again.
    if (child.stdin?.write("x".repeat(1_000_000)) === false) await once(child.stdin, "drain");
    child.kill("SIGINT");
    expect(await run).toEqual(interrupted);
  });
});
