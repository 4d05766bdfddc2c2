import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { join } from "node:path";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { clients, inventory } from "../support/account.ts";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";

let aws: TestAws;
let folder: string;
beforeAll(async () => {
  aws = await startAws();
});
afterAll(() => aws.close());
beforeEach(async () => {
  folder = await temporaryFolder();
  await aws.calls();
});

const OWN = ["--runtime", "nodejs24.x", "--handler", "index.handler"];

interface Case {
  readonly title: string;
  readonly args: readonly string[];
  readonly env?: Record<string, string>;
  readonly files?: Record<string, string | Uint8Array>;
  readonly code: number;
  readonly error: RegExp;
}

const CASES: readonly Case[] = [
  {
    title: "function is no object",
    args: ["deploy", "--memory", "512"],
    files: { "llm-gw.json": '{"function":"x"}' },
    code: 2,
    error: /llm-gw\.json: function/,
  },
  {
    title: "a tag that AWS refuses",
    args: ["deploy"],
    files: { "llm-gw.json": '{"tags":{"owner":"a<b>"}}' },
    code: 2,
    error: /tags\.owner "a<b>": a tag's value/,
  },
  {
    title: "an endpoint that is none",
    args: ["deploy"],
    env: { AWS_ENDPOINT_URL: "foo" },
    code: 1,
    error: /AWS cannot be reached: Invalid URL/,
  },
  {
    title: "data and model",
    args: ["invoke", "--data", "{}", "--model", "m"],
    code: 2,
    error: /--model and --max-tokens go with a prompt/,
  },
  { title: "a port that is none", args: ["local", "--port", "70000"], code: 2, error: /at most 65535/ },
  {
    title: "no region",
    args: ["deploy"],
    env: { AWS_REGION: "" },
    code: 2,
    error: /no AWS region is set\nhint: Give --region, set AWS_REGION/,
  },
  {
    title: "not a region",
    args: ["deploy", "--region", "EU-WEST-1"],
    code: 2,
    error: /--region "EU-WEST-1": is no AWS region/,
  },
  {
    title: "unknown command",
    args: ["deplay"],
    code: 2,
    error: /unknown command 'deplay'\nhint: Did you mean deploy\?/,
  },
  {
    title: "unknown flag",
    args: ["deploy", "--memroy", "5"],
    code: 2,
    error: /unknown option '--memroy'\nhint: Did you mean --memory\?/,
  },
  {
    title: "unknown key",
    args: ["deploy"],
    files: { "llm-gw.json": '{"nmae":"x"}' },
    code: 2,
    error: /unknown key "nmae"\nhint: Did you mean name\?/,
  },
  {
    title: "unknown nested key",
    args: ["deploy"],
    files: { "llm-gw.json": '{"function":{"memroy":5}}' },
    code: 2,
    error: /llm-gw.json: function: unknown key "memroy"\nhint: Did you mean memory\?/,
  },
  {
    title: "unknown value",
    args: ["deploy", "--auth", "iamm"],
    code: 2,
    error: /--auth "iamm": .*\nhint: Did you mean iam\?/,
  },
  {
    title: "broken JSON",
    args: ["deploy"],
    files: { "llm-gw.json": '{\n  "name": \n}' },
    code: 2,
    error: /llm-gw\.json:3:1: ValueExpected/,
  },
  { title: "missing --config", args: ["deploy", "--config", "no.json"], code: 2, error: /no\.json does not exist/ },
  {
    title: "bad name",
    args: ["deploy", "--name", "my gateway"],
    code: 2,
    error: /--name "my gateway": a name is letters/,
  },
  {
    title: "name too long",
    args: ["deploy", "--name", "n".repeat(60)],
    code: 2,
    error: /AWS allows 64\nhint: Choose a --name of at most 49 characters/,
  },
  { title: "bad stage", args: ["deploy", "--stage", "a/b"], code: 2, error: /--stage "a\/b": a stage is/ },
  {
    title: "bad route",
    args: ["deploy", "--route", "PSOT /x"],
    code: 2,
    error: /--route "PSOT \/x": a route is .*\nhint: Did you mean "POST/,
  },
  { title: "memory too small", args: ["deploy", "--memory", "64"], code: 2, error: /--memory 64: / },
  { title: "memory no number", args: ["deploy", "--memory", "1GB"], code: 2, error: /--memory "1GB": / },
  { title: "timeout too long", args: ["deploy", "--timeout", "901"], code: 2, error: /--timeout 901: / },
  { title: "environment name", args: ["deploy", "--env", "1A=x"], code: 2, error: /--env 1A: a name is/ },
  {
    title: "reserved environment name",
    args: ["deploy", "--env", "AWS_REGION=x"],
    code: 2,
    error: /--env AWS_REGION: this name is reserved by Lambda/,
  },
  {
    title: "environment above 4 KB",
    args: ["deploy", "--env", `BIG=${"secret".repeat(700)}`],
    code: 2,
    error: /error: --env: .*4096 bytes/,
  },
  {
    title: "environment not set",
    args: ["deploy", "--env", "NOT_SET_HERE"],
    code: 2,
    error: /the environment has no such variable/,
  },
  {
    title: "runtime slip",
    args: ["deploy", "--code", ".", "--runtime", "python313", "--handler", "a.b"],
    code: 2,
    error: /--runtime "python313": .*\nhint: Did you mean python3\.13\?/,
  },
  {
    title: "retention slip",
    args: ["deploy"],
    files: { "llm-gw.json": '{"function":{"logRetentionDays":10}}' },
    code: 2,
    error: /The nearest valid value is (7|14)\./,
  },
  { title: "code without runtime", args: ["deploy", "--code", "."], code: 2, error: /your code needs --runtime/ },
  {
    title: "runtime without code",
    args: ["deploy", "--runtime", "nodejs24.x"],
    code: 2,
    error: /runtime and handler are for your own code/,
  },
  { title: "no code", args: ["deploy", "--code", "nowhere", ...OWN], code: 1, error: /nowhere/ },
  {
    title: "code is empty",
    args: ["deploy", "--code", "empty", ...OWN],
    files: { "empty/.llmgwignore": "" },
    code: 1,
    error: /empty/,
  },
  {
    title: "code is no zip",
    args: ["deploy", "--code", "app.zip", ...OWN],
    files: { "app.zip": "not a zip" },
    code: 1,
    error: /zip/,
  },
  {
    title: "handler not in the package",
    args: ["deploy", "--code", "app.zip", ...OWN],
    files: { "app.zip": zipSync({ "main.js": Buffer.from("x") }) },
    code: 1,
    error: /index/,
  },
  { title: "no prompt", args: ["invoke"], code: 2, error: /there is nothing to send/ },
  { title: "empty prompt", args: ["invoke", "--prompt", " "], code: 2, error: /the prompt is empty/ },
  { title: "two prompts", args: ["invoke", "--prompt", "a", "--data", "{}"], code: 2, error: /exclude each other/ },
  { title: "data that is no JSON", args: ["invoke", "--data", "{"], code: 2, error: /--data is not JSON/ },
  {
    title: "unknown --via",
    args: ["invoke", "--prompt", "a", "--via", "pigeon"],
    code: 2,
    error: /Allowed choices are http, lambda/,
  },
  {
    title: "invoke on nothing",
    args: ["invoke", "--prompt", "a"],
    code: 1,
    error: /llm-gw-prod is not deployed in eu-west-1\nhint: Deploy it first/,
  },
  {
    title: "invoke --via lambda on nothing",
    args: ["invoke", "--prompt", "a", "--via", "lambda"],
    code: 1,
    error: /llm-gw-prod is not deployed/,
  },
  { title: "destroy without --yes", args: ["destroy"], code: 2, error: /nobody can be asked\nhint: Add --yes/ },
  {
    title: "corrupt state",
    args: ["deploy"],
    files: { ".llm-gw/llm-gw-prod-eu-west-1.json": "{" },
    code: 1,
    error: /is damaged\nhint: It only remembers ids/,
  },
  {
    title: "state of other shape",
    args: ["deploy"],
    files: { ".llm-gw/llm-gw-prod-eu-west-1.json": '{"version":1}' },
    code: 1,
    error: /is damaged/,
  },
  {
    title: "newer state",
    args: ["deploy"],
    files: { ".llm-gw/llm-gw-prod-eu-west-1.json": '{"version":99}' },
    code: 1,
    error: /written by a newer llm-gw/,
  },
  {
    title: "not a port",
    args: ["deploy", "--local"],
    env: { LLM_GW_LOCAL_PORT: "http" },
    code: 2,
    error: /is no port/,
  },
];

describe("one clear error, and nothing is changed", () => {
  test.each(CASES)("$title", async ({ args, env = {}, files = {}, code, error }) => {
    for (const [name, content] of Object.entries(files)) {
      await mkdir(join(folder, name, ".."), { recursive: true });
      await writeFile(join(folder, name), content);
    }
    const run = await llmGw(folder, { ...aws.env, ...env }, args);
    expect(run.stderr).toMatch(error);
    expect(run).toMatchObject({ code, stdout: "" });
    expect(run.stderr).not.toContain("    at ");
    expect(run.stderr).not.toContain("secretsecret");
    expect((await aws.calls()).filter(({ mutating }) => mutating)).toEqual([]);
  });

  test("--json gives the error as one document", async () => {
    const run = await llmGw(folder, aws.env, ["deploy", "--auth", "nobody", "--json"]);
    expect(JSON.parse(run.stdout)).toEqual({
      error: { code: "Usage", message: expect.stringContaining("--auth"), hint: expect.any(String) },
    });
  });
});

describe("credentials", () => {
  const NONE = { AWS_ACCESS_KEY_ID: "", AWS_SECRET_ACCESS_KEY: "" };

  test("none at all", async () => {
    const run = await llmGw(folder, { ...aws.env, ...NONE }, ["deploy"]);
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/no AWS credentials found for the default profile\nhint: .*llm-gw deploy --local/),
    });
  });

  test("an expired login names the profile and the command", async () => {
    await aws.faults({
      operation: "GetCallerIdentity",
      nth: 1,
      times: 99,
      effect: "before",
      kind: "error",
      status: 403,
      code: "ExpiredToken",
      message: "The security token included in the request is expired",
    });
    await mkdir(join(folder, ".aws"));
    await writeFile(join(folder, ".aws", "credentials"), "[work]\naws_access_key_id = a\naws_secret_access_key = b\n");
    const run = await llmGw(folder, aws.env, ["deploy", "--profile", "work"]);
    await aws.faults();
    expect(run).toMatchObject({ code: 1 });
    expect(run.stderr).toContain("hint: Log in again: aws sso login --profile work");
  });

  test("access denied names the action, and never waits", async () => {
    const message = "User: arn:aws:iam::1:user/x is not authorized to perform: iam:CreateRole";
    await aws.faults({
      operation: "CreateRole",
      nth: 1,
      times: 99,
      effect: "before",
      kind: "error",
      status: 403,
      code: "AccessDenied",
      message,
    });
    const run = await llmGw(folder, aws.env, ["deploy"]);
    await aws.faults();
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(`error: ${message}`) });
    const tried = (await aws.calls()).filter(({ operation }) => operation === "CreateRole");
    expect(tried).toHaveLength(1);
    await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  });
});

describe("the account", () => {
  test("a state file of another account is refused", async () => {
    await llmGwJson(folder, aws.env, ["deploy", "--name", "moved"]);
    const path = join(folder, ".llm-gw", "moved-prod-eu-west-1.json");
    const state = await readFile(path, "utf8");
    await writeFile(path, state.replace("000000000000", "111111111111"));
    await aws.calls();
    const run = await llmGw(folder, aws.env, ["deploy", "--name", "moved"]);
    expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("was deployed to account 111111111111") });
    expect((await aws.calls()).filter(({ mutating }) => mutating)).toEqual([]);
    await writeFile(path, state);
    await llmGwJson(folder, aws.env, ["destroy", "--name", "moved", "--yes"]);
  });

  test("a function and a role that are not ours are left alone", async () => {
    const { iam, lambda } = clients(aws);
    const trust = {
      Version: "2012-10-17",
      Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } }],
    };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: "theirs-prod-eu-west-1", AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    const ZipFile = zipSync({ "index.js": Buffer.from("exports.handler = async () => 1;") });
    await lambda.send(
      new CreateFunctionCommand({
        FunctionName: "theirs-prod",
        Role: Role?.Arn,
        Runtime: "nodejs22.x",
        Handler: "index.handler",
        Code: { ZipFile },
      }),
    );
    const before = await inventory(aws);
    const deployed = await llmGw(folder, aws.env, ["deploy", "--name", "theirs"]);
    expect(deployed).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/theirs-prod.* exists and does not belong to this gateway\nhint: .*--adopt/),
    });
    expect((await llmGw(folder, aws.env, ["destroy", "--name", "theirs", "--yes"])).code).toBe(0);
    expect(await inventory(aws)).toEqual(before);
  });
});

describe("processes", () => {
  test("a state file locked by a live process is refused, by a dead one is not", async () => {
    await mkdir(join(folder, ".llm-gw"));
    const lock = join(folder, ".llm-gw", "llm-gw-prod-eu-west-1.json.lock");
    const { hostname } = await import("node:os");
    const owner = { pid: process.pid, host: hostname(), since: "2026-01-01T00:00:00.000Z", token: "t" };
    await writeFile(lock, JSON.stringify(owner));
    const run = await llmGw(folder, aws.env, ["deploy"]);
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`another llm-gw works on this gateway: process ${process.pid}`),
    });
    await writeFile(lock, JSON.stringify({ ...owner, pid: 2 ** 22 + 1 }));
    expect((await llmGw(folder, aws.env, ["deploy", "--dry-run"])).code).toBe(0);
  });

  test("a port in use by something else", async () => {
    const other = createServer((_request, response) => response.end("hello"));
    await new Promise<void>((resolve) => other.listen(0, "127.0.0.1", resolve));
    const address = other.address();
    const port = typeof address === "object" ? String(address?.port) : "";
    for (const args of [["deploy", "--local"], ["local"]]) {
      const run = await llmGw(folder, { LLM_GW_LOCAL_PORT: port }, args);
      expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(`port ${port} is in use`) });
    }
    await new Promise((resolve) => other.close(resolve));
  });
});
