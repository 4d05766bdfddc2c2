import { execFileSync } from "node:child_process";
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { afterAll, beforeAll, expect, test } from "vitest";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";

const PYTHON_APP = `import json
import os

def handler(event, context):
    prompt = json.loads(event["body"])["prompt"]
    return {
        "statusCode": 200,
        "headers": {"content-type": "application/json"},
        "body": json.dumps({"output": os.environ.get("GREETING", "") + prompt.upper()}),
    }
`;

const hasPython = (() => {
  try {
    execFileSync("python3", ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    process.stderr.write("python3 is missing: functions in Python are not tried\n");
    return false;
  }
})();

let aws: TestAws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.close());

test.runIf(hasPython)("an existing zip with a Python handler answers through the HTTP URL and directly", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, "app.zip"), zipSync({ "app.py": Buffer.from(PYTHON_APP) }));
  const env = { ...aws.env, LLM_GW_NAME: "python" };
  const code = ["--code", "app.zip", "--runtime", "python3.13", "--handler", "app.handler"];
  const run = await llmGw(folder, env, [
    "deploy",
    ...code,
    "--memory",
    "1024",
    "--env",
    "GREETING=Hi ",
    "--auth",
    "none",
  ]);
  expect(run.code).toBe(0);
  expect(run.stderr).not.toContain("gives up after 30 s");
  const [endpoint] = run.stdout.split("\n");
  const answer = await fetch(String(endpoint), {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"prompt":"you"}',
  });
  expect(await answer.json()).toEqual({ output: "Hi YOU" });
  // Neither the flags of deploy nor a file are there: what is deployed tells what it takes.
  const direct = await llmGw(folder, env, ["invoke", "--via", "lambda", "--prompt", "me"]);
  expect(direct.stdout).toBe("Hi ME\n");
});

test("a folder with llm-gw.json: a change of the code is sent, and only that", async () => {
  const folder = await temporaryFolder();
  await mkdir(join(folder, "app"));
  const handler = (text: string) => `exports.handler = async (event) => ({ output: "${text}: " + event.rawPath });\n`;
  await writeFile(join(folder, "app", "index.js"), handler("one"));
  await writeFile(
    join(folder, "llm-gw.json"),
    `{
      // comments are allowed
      "name": "mine", "stage": "dev",
      "function": { "code": "./app", "runtime": "nodejs24.x", "handler": "index.handler", "timeout": 20 },
      "routes": ["POST /ask", "GET /hello/{name}"],
    }`,
  );
  const first = await llmGwJson(folder, aws.env, ["deploy"]);
  expect(
    first.routes.map(({ url }: { url: string }) => new URL(url).pathname.replace(/^(\/_aws)?\/execute-api\/\w+/, "")),
  ).toEqual(["/dev/ask", "/dev/hello/name"]);
  expect((await llmGw(folder, aws.env, ["invoke", "--prompt", "x"])).stdout).toBe("one: /dev/ask\n");

  await writeFile(join(folder, "app", "index.js"), handler("two"));
  await aws.calls();
  const second = await llmGwJson(folder, aws.env, ["deploy"]);
  expect(second.summary).toMatchObject({ updated: 1, unchanged: 10 });
  const sent = (await aws.calls()).filter(({ mutating }) => mutating).map(({ operation }) => operation);
  expect(sent).toEqual(["UpdateFunctionCode"]);
  expect((await llmGw(folder, aws.env, ["invoke", "--prompt", "x"])).stdout).toBe("two: /dev/ask\n");
  expect(await readFile(join(folder, ".llm-gw", ".gitignore"), "utf8")).toBe("*\n");
});

test("a route given as a flag of deploy is found by the invoke line that it prints", async () => {
  const folder = await temporaryFolder();
  const run = await llmGw(folder, aws.env, ["deploy", "--name", "routed", "--route", "POST /ask"]);
  const [, line = ""] = run.stdout.split("\n");
  expect(line).toBe('llm-gw invoke --name routed --prompt "Hello"');
  const asked = await llmGw(folder, aws.env, [
    "invoke",
    "--name",
    "routed",
    "--data",
    '{"prompt":"Hello"}',
    "--verbose",
  ]);
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("404") });
});

test("an answer that is not 2xx is an error with status, message and request id", async () => {
  const folder = await temporaryFolder();
  await writeFile(
    join(folder, "index.mjs"),
    `export const handler = async () => ({ statusCode: 418, body: '{"message":"no tea"}' });`,
  );
  const code = ["--name", "teapot", "--code", ".", "--runtime", "nodejs24.x", "--handler", "index.handler"];
  await llmGwJson(folder, aws.env, ["deploy", ...code]);
  const run = await llmGw(folder, aws.env, ["invoke", "--name", "teapot", "--prompt", "tea"]);
  expect(run.code).toBe(1);
  expect(run.stderr).toMatch(/^error: the gateway answered 418: no tea \(request id .+\)\n/);
});
