import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { llmGw } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";

oneAwsForAllTests();

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
    error: /llm-gw\.json:1:13: function "x": has to be an object: \{\.\.\.\}/,
  },
  {
    title: "a tag that AWS refuses",
    args: ["deploy"],
    files: { "llm-gw.json": '{"tags":{"owner":"a<b>"}}' },
    code: 2,
    error: /tags\.owner "a<b>": a tag's value/,
  },
  {
    title: "a tag without a name",
    args: ["deploy"],
    files: { "llm-gw.json": '{"tags":{"":"x"}}' },
    code: 2,
    error: /tags\. "x": a tag's name may not be empty/,
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
    error: /no AWS region is set\nhint: Give --region, set AWS_REGION, .* without an AWS account, use --local\.$/m,
  },
  {
    title: "no region, and a profile that does not exist",
    args: ["deploy", "--profile", "nosuch"],
    env: { AWS_REGION: "" },
    code: 2,
    error:
      /no AWS region is set: the AWS profile nosuch does not exist, or names none\nhint: .* aws configure list-profiles/,
  },
  {
    title: "not a region",
    args: ["deploy", "--region", "EU-WEST-1"],
    code: 2,
    error: /--region "EU-WEST-1": a region is written like eu-west-1\nhint: Did you mean eu-west-1\?/,
  },
  {
    title: "an availability zone",
    args: ["deploy"],
    env: { AWS_REGION: "eu-west-1a" },
    code: 2,
    error: /AWS_REGION "eu-west-1a": a region is written like eu-west-1\nhint: Did you mean eu-west-1\?/,
  },
  {
    title: "the name of a place",
    args: ["deploy", "--region", "frankfurt"],
    code: 2,
    error: /--region "frankfurt": .*\nhint: All there are: aws ec2 describe-regions/,
  },
  {
    title: "a slip in a region, where the default model is not known to be",
    args: ["deploy", "--region", "eu-wset-1"],
    code: 2,
    error: /no model is configured, and eu-wset-1 is not .*\nhint: Did you mean eu-west-1, which has it\? If not, put/,
  },
  {
    title: "a region that is near none, where the default model is not known to be",
    args: ["deploy", "--region", "sa-east-1"],
    code: 2,
    error: /no model is configured, and sa-east-1 is not .*\nhint: Put "models"/,
  },
  {
    title: "a region that the local AWS cannot have",
    args: ["status", "--local", "--region", "moon-west-1"],
    code: 2,
    error: /the local AWS has no region moon-west-1\nhint: It has those of the partition aws: .* us-east-1/,
  },
  {
    title: "a region of another partition, for the local AWS",
    args: ["deploy", "--local"],
    env: { AWS_REGION: "us-gov-west-1" },
    code: 2,
    error: /the local AWS has no region us-gov-west-1\nhint: It has those of the partition aws/,
  },
  {
    title: "a slip in a region, for the local AWS",
    args: ["deploy", "--local", "--region", "ue-west-2"],
    code: 2,
    error: /the local AWS has no region ue-west-2\nhint: Did you mean us-west-2\?/,
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
    error: /llm-gw.json:1:14: function: unknown key "memroy"\nhint: Did you mean memory\?/,
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
    error: /llm-gw\.json:3:1: expected a value\nhint: The file is JSON/,
  },
  {
    title: "JSON without a comma",
    args: ["deploy"],
    files: { "llm-gw.json": '{\n  "name": "a"\n  "stage": "b"\n}' },
    code: 2,
    error: /llm-gw\.json:3:3: expected , before the next entry/,
  },
  {
    title: "JSON with a name that is not quoted",
    args: ["deploy"],
    files: { "llm-gw.json": "{ name: 1 }" },
    code: 2,
    error: /llm-gw\.json:1:3: expected a (name|value).* in double quotes/,
  },
  {
    title: "a name that stands twice",
    args: ["deploy"],
    files: { "llm-gw.json": '{\n  "name": "a",\n  "name": "b"\n}' },
    code: 2,
    error: /llm-gw\.json:3:3: name is set twice\nhint: It is also in line 2: keep one of them\./,
  },
  {
    title: "a name that stands twice inside",
    args: ["deploy"],
    files: { "llm-gw.json": '{"models": {\n"default": "echo:",\n"a": ["echo:", "default"], "default": "a"\n}}' },
    code: 2,
    error: /llm-gw\.json:3:28: models\.default is set twice\nhint: It is also in line 2/,
  },
  {
    title: "a number in quotes, below a comment and behind a byte order mark",
    args: ["deploy"],
    files: { "llm-gw.json": '\uFEFF// ours\n{ "function": {\n  "memory": "512" } }' },
    code: 2,
    error: /llm-gw\.json:3:13: function\.memory "512": has to be a number/,
  },
  {
    title: "a text in place of a list",
    args: ["deploy"],
    files: { "llm-gw.json": '{"routes": "POST /x"}' },
    code: 2,
    error: /llm-gw\.json:1:12: routes "POST \/x": has to be a list/,
  },
  {
    title: "a route that stands there twice, for which there is no hint",
    args: ["deploy"],
    files: { "llm-gw.json": '{"routes": ["GET /a", "GET /a"]}' },
    code: 2,
    error: /routes: a route is listed only once\n$/,
  },
  {
    title: "a number that is out of range",
    args: ["deploy"],
    files: { "llm-gw.json": '{"throttle": {"rate": 0}}' },
    code: 2,
    error: /llm-gw\.json:1:23: throttle\.rate 0: has to be above 0/,
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
    title: "route without a slash",
    args: ["deploy", "--route", "post inference"],
    code: 2,
    error: /--route "post inference": a route is .*\nhint: Did you mean "POST \/inference"\?$/m,
  },
  {
    title: "route with what no route has",
    args: ["deploy", "--route", "post /a?b"],
    code: 2,
    error: /--route "post \/a\?b": a route is .*\nhint: Did you mean "POST \/\.\.\."\?$/m,
  },
  {
    title: "key of a section, beside it",
    args: ["deploy"],
    files: { "llm-gw.json": '{"memory":1024}' },
    code: 2,
    error: /unknown key "memory"\nhint: Did you mean function\.memory\?/,
  },
  {
    title: "bad route",
    args: ["deploy", "--route", "PSOT /x"],
    code: 2,
    error: /--route "PSOT \/x": a route is .*\nhint: Did you mean "POST \/x"\?$/m,
  },
  { title: "memory too small", args: ["deploy", "--memory", "64"], code: 2, error: /--memory 64: / },
  { title: "memory no number", args: ["deploy", "--memory", "1GB"], code: 2, error: /--memory "1GB": / },
  { title: "timeout too long", args: ["deploy", "--timeout", "901"], code: 2, error: /--timeout 901: / },
  { title: "environment name", args: ["deploy", "--env", "1A=x"], code: 2, error: /--env 1A: a name is/ },
  {
    title: "reserved environment name",
    args: ["deploy", "--env", "AWS_REGION=x"],
    code: 2,
    error: /--env AWS_REGION: a name may not be one that Lambda reserves/,
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
  {
    title: "a model that is none",
    args: ["deploy"],
    files: { "llm-gw.json": '{"models":{"default":"bedrok:nova"}}' },
    code: 2,
    error: /llm-gw\.json: models\.default "bedrok:nova": a model is .*\nhint: Did you mean bedrock:\?/,
  },
  {
    title: "an inference profile of another geography",
    args: ["deploy", "--local", "--dry-run"],
    files: { "llm-gw.json": '{"models":{"default":"echo:","big":"bedrock:eu.amazon.nova-micro-v1:0"}}' },
    env: { AWS_REGION: "us-east-1" },
    code: 2,
    error:
      /models\.big: eu\.amazon\.nova-micro-v1:0 cannot be called from us-east-1\nhint: Did you mean us\.amazon\.nova-micro-v1:0\?/,
  },
  {
    title: "the key itself in place of its place",
    args: ["deploy"],
    files: {
      "llm-gw.json": '{"models":{"default":"openai:http://a/v1#m"},"secrets":{"openai:http://a/v1":"secretsecret"}}',
    },
    code: 2,
    error: /a secret is ssm:NAME, secretsmanager:NAME or env:NAME\nhint: Name where the key is kept/,
  },
  {
    title: "a key in a variable that is not given",
    args: ["deploy"],
    files: {
      "llm-gw.json": '{"models":{"default":"openai:http://a/v1#m"},"secrets":{"openai:http://a/v1":"env:A_KEY"}}',
    },
    env: { A_KEY: "secretsecret" },
    code: 2,
    error: /the function's environment has no A_KEY\nhint: Give it with --env A_KEY/,
  },
  {
    title: "more models than IAM has room for",
    args: ["deploy"],
    files: {
      "llm-gw.json": JSON.stringify({
        models: { default: Array.from({ length: 80 }, (_, i) => `bedrock:eu.vendor.model-${i}-v1:0`) },
      }),
    },
    code: 2,
    error: /characters; IAM allows 10240\nhint: .*configure fewer/,
  },
  {
    title: "no model where the default one is not",
    args: ["deploy"],
    env: { AWS_REGION: "ca-central-1" },
    code: 2,
    error: /no model is configured, and ca-central-1 .*\nhint: Put "models" into llm-gw\.json/,
  },
  {
    title: "no time to answer",
    args: ["deploy", "--timeout", "2"],
    code: 2,
    error: /may run for 2 s; the built-in one needs 3.*\nhint: Give a longer --timeout/,
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
  {
    title: "data that is no JSON",
    args: ["invoke", "--data", "{"],
    code: 2,
    error: /--data is not JSON: line 1, column 2: expected \} at the end/,
  },
  {
    title: "unknown --via",
    args: ["invoke", "--prompt", "a", "--via", "pigeon"],
    code: 2,
    error: /--via "pigeon": has to be one of http, lambda/,
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
