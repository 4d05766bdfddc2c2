import { execFile } from "node:child_process";
import { access, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from "vitest";
import { EMPTY_ACCOUNT, inventory } from "../support/account.ts";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";

const sh = promisify(execFile);
const hasCurl = await sh("curl", ["--version"]).then(
  () => true,
  () => false,
);
if (!hasCurl) process.stderr.write("curl is missing: the curl lines that deploy prints are not tried\n");

let aws: TestAws;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.close());

/** Runs a line that deploy printed, as a user pastes it. */
async function paste(line: string): Promise<unknown> {
  const { stdout } = await sh("bash", ["-c", line], { env: { ...process.env, ...aws.env } });
  return JSON.parse(stdout);
}

describe("an empty folder and AWS_ENDPOINT_URL", () => {
  test("deploy, invoke, deploy again, status, destroy", async () => {
    const folder = await temporaryFolder();
    const first = await llmGw(folder, aws.env, ["deploy"]);
    expect(first.stderr).toContain("+ lambda.function llm-gw-prod");
    expect(first.code).toBe(0);
    const [endpoint, invokeLine, curlLine = ""] = first.stdout.trimEnd().split("\n");
    expect(endpoint).toMatch(/^http:\/\/127\.0\.0\.1:\d+(\/_aws)?\/execute-api\/\w+\/prod\/inference$/);
    expect(invokeLine).toBe('llm-gw invoke --prompt "Hello"');
    if (hasCurl) expect(await paste(curlLine)).toMatchObject({ output: expect.stringContaining("Hello") });

    const answer = await llmGw(folder, aws.env, ["invoke", "--prompt", "How are you?"]);
    expect(answer).toEqual({ code: 0, stderr: "", stdout: expect.stringMatching(/echo.*How are you\?\n$/) });
    const direct = await llmGwJson(folder, aws.env, ["invoke", "--via", "lambda", "--prompt", "Hi"]);
    expect(direct).toMatchObject({ status: 200, body: { output: expect.stringContaining("Hi") } });
    const unsigned = await fetch(String(endpoint), { method: "POST", body: '{"prompt":"Hi"}' });
    expect(unsigned.status).toBe(403);

    await aws.calls();
    const second = await llmGwJson(folder, aws.env, ["deploy"]);
    expect(second.summary).toEqual({ created: 0, updated: 0, replaced: 0, adopted: 0, deleted: 0, unchanged: 13 });
    expect(second).toMatchObject({
      endpoint,
      calls: { mutating: 0 },
      routes: [
        { routeKey: "POST /inference", auth: "iam" },
        { routeKey: "POST /v1/chat/completions", auth: "iam" },
        { routeKey: "GET /v1/models", auth: "iam" },
        { routeKey: "GET /health", auth: "iam" },
      ],
    });
    const calls = await aws.calls();
    expect(calls.filter(({ mutating }) => mutating)).toEqual([]);
    expect(calls).toHaveLength(second.calls.total);

    const check = await llmGw(folder, aws.env, ["status", "--check"]);
    expect(check.code).toBe(0);
    expect(check.stdout).toContain("= lambda.function llm-gw-prod");

    const destroyed = await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
    expect(destroyed.summary).toMatchObject({ deleted: 4 });
    expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
    expect(await readdir(folder)).toEqual([]);
  });

  test("--dry-run shows what would be created, and creates nothing", async () => {
    const folder = await temporaryFolder();
    await aws.calls();
    const run = await llmGw(folder, aws.env, ["deploy", "--dry-run"]);
    expect(run.code).toBe(0);
    expect(run.stdout).toContain("+ iam.role llm-gw-prod-eu-west-1");
    expect((await aws.calls()).filter(({ mutating }) => mutating)).toEqual([]);
    expect(await readdir(folder)).toEqual([]);
  });

  test("auth none: curl works unsigned, and the endpoint is open", async () => {
    const folder = await temporaryFolder();
    const run = await llmGw(folder, aws.env, ["deploy", "--name", "open", "--auth", "none"]);
    const [endpoint, invokeLine, curlLine = ""] = run.stdout.trimEnd().split("\n");
    expect(invokeLine).toBe('llm-gw invoke --name open --prompt "Hello"');
    expect(curlLine).not.toContain("sigv4");
    if (hasCurl) expect(await paste(curlLine)).toMatchObject({ output: expect.stringContaining("Hello") });
    const open = await fetch(String(endpoint), {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: '{"prompt":"Hi"}',
    });
    expect(open.status).toBe(200);
    await llmGwJson(folder, aws.env, ["destroy", "--name", "open", "--yes"]);
  });
});

describe("--local", () => {
  test("starts the local AWS, which runs until local stop", async () => {
    const folder = await temporaryFolder();
    const env = { LLM_GW_LOCAL_PORT: String(await freePort()), TMPDIR: folder };
    // Also when the test fails half way.
    onTestFinished(async () => void (await llmGw(folder, env, ["local", "stop"])));
    const deployed = await llmGw(folder, env, ["deploy", "--local"]);
    expect(deployed.stderr).toContain(
      `started the local AWS at http://127.0.0.1:${env.LLM_GW_LOCAL_PORT}; it runs until: LLM_GW_LOCAL_PORT=${env.LLM_GW_LOCAL_PORT} llm-gw local stop\n`,
    );
    const [endpoint, , curlLine = ""] = deployed.stdout.trimEnd().split("\n");
    expect(endpoint).toContain(`:${env.LLM_GW_LOCAL_PORT}/`);
    if (hasCurl) expect(await paste(curlLine)).toMatchObject({ output: expect.stringContaining("Hello") });
    const asked = await llmGw(folder, env, ["invoke", "--local", "--file", "-"], "from a pipe");
    expect(asked.stdout).toContain("from a pipe");
    await access(join(folder, ".llm-gw", "llm-gw-prod-local.json"));
    expect((await llmGwJson(folder, env, ["destroy", "--local", "--yes"])).summary).toMatchObject({ deleted: 4 });
    expect(await llmGwJson(folder, env, ["local", "stop"])).toEqual({ stopped: true });
    expect(await llmGwJson(folder, env, ["local", "stop"])).toEqual({ stopped: false });
    const gone = await llmGw(folder, env, ["invoke", "--local", "--prompt", "Hi"]);
    expect(gone).toMatchObject({ code: 1, stderr: expect.stringContaining("the local AWS is not running") });
    expect((await llmGw(folder, env, ["destroy", "--local", "--yes"])).code).toBe(0);
  });
});

async function freePort(): Promise<number> {
  const probe = await startAws();
  await probe.close();
  return Number(new URL(probe.url).port);
}

test("the state file holds ids and nothing of the environment", async () => {
  const folder = await temporaryFolder();
  const args = ["--name", "quiet", "--env", "UPSTREAM_KEY=canary-in-a-coal-mine"];
  const run = await llmGw(folder, aws.env, ["deploy", "--verbose", ...args]);
  expect(run.code).toBe(0);
  const state = await readFile(join(folder, ".llm-gw", "quiet-prod-eu-west-1.json"), "utf8");
  expect(`${run.stdout}${run.stderr}${state}`).not.toContain("canary");
  expect(JSON.parse(state)).toMatchObject({
    version: 1,
    gateway: { name: "quiet", stage: "prod", region: "eu-west-1", account: aws.account },
    resources: { function: { type: "lambda.function", ids: { functionName: "quiet-prod" } } },
  });
  await llmGwJson(folder, aws.env, ["destroy", "--name", "quiet", "--yes"]);
});
