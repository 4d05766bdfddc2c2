import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateSecretCommand, DeleteSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { describe, expect, onTestFinished, test } from "vitest";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";
import { startProxy } from "../support/proxy.ts";
import { listen, reply, sendOn } from "../support/relay.ts";
import { runHere } from "../support/run-here.ts";

oneAwsForAllTests();

const doctor = async (env: Record<string, string>, ...flags: string[]) => {
  const { code, stdout, stderr } = await llmGw(folder, env, ["doctor", ...flags]);
  return { code, stderr, lines: stdout.trimEnd().split("\n") };
};
const line = (lines: readonly string[], name: string) => lines.find((one) => one.includes(` ${name}: `));

test("all is well: what was seen, and what only a call of the function would show", async () => {
  const { code, stderr, lines } = await doctor(aws.env);
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(lines.map((one) => one.replace(/: .*/, ""))).toEqual([
    "ok       Node.js",
    "ok       configuration",
    "ok       region",
    "ok       function",
    "ok       credentials",
    "ok       clock",
    "ok       permissions",
    "unknown  models",
  ]);
  expect(line(lines, "credentials")).toContain(`account ${aws.account}, arn:aws:iam::${aws.account}:user/`);
  expect(line(lines, "function")).toMatch(/: the built-in one, \d+ kB zipped$/);
  expect(await aws.mutations()).toEqual([]);
});

test("without anything: how to set a region and to log in; exit code 1", async () => {
  const { code, lines } = await doctor({});
  expect(code).toBe(1);
  expect(line(lines, "region")).toMatch(/^broken .*no AWS region is set\. Give --region/);
  expect(line(lines, "credentials")).toMatch(/^broken .*no AWS credentials found .*aws sso login/);
  expect(line(lines, "clock")).toMatch(/^unknown /);
  expect(line(lines, "permissions")).toMatch(/^unknown /);
  expect(lines.at(-1)).toBe("unknown  models: they depend on the region");
});

test("with --json, one document", async () => {
  const run = await llmGw(folder, {}, ["doctor", "--json"]);
  expect(run).toMatchObject({ code: 1, stderr: "" });
  expect(JSON.parse(run.stdout)).toMatchObject({
    healthy: false,
    findings: expect.arrayContaining([
      { name: "region", status: "broken", message: expect.any(String), cure: expect.any(String) },
    ]),
  });
});

test("a configuration that is not valid", async () => {
  await writeFile(join(folder, "llm-gw.json"), '{"nmae":"x"}');
  const { code, lines } = await doctor(aws.env);
  expect(code).toBe(1);
  expect(line(lines, "configuration")).toMatch(/^broken .*unknown key "nmae"\. Did you mean name\?$/);
});

test("a state file that cannot be read", async () => {
  await mkdir(join(folder, ".llm-gw"));
  await writeFile(join(folder, ".llm-gw", "llm-gw-prod-eu-west-1.json"), "{");
  const { code, lines } = await doctor(aws.env);
  expect(code).toBe(1);
  expect(line(lines, "configuration")).toMatch(/^ok /);
  expect(line(lines, "state")).toMatch(/^broken /);
});

describe("what deploy would refuse before any call, in the same words", () => {
  const python = ["--runtime", "python3.13", "--handler", "app.handler"];
  test.each([
    ["a folder that is not there", "function", ["--code", "app", ...python]],
    ["a handler that is not in it", "function", ["--code", ".", ...python]],
    ["too short a timeout", "function", ["--timeout", "2"]],
    ["a Region without a default model", "models", ["--region", "ca-central-1"]],
  ])("%s", async (_, name, flags) => {
    await writeFile(join(folder, "main.py"), "");
    const deploy = await llmGw(folder, aws.env, ["deploy", ...flags]);
    const [, message = "", hint = ""] = /^error: (.*)\nhint: (.*)\n$/.exec(deploy.stderr) ?? [];
    expect(message).not.toBe("");
    const { code, lines } = await doctor(aws.env, ...flags);
    expect(code).toBe(1);
    expect(line(lines, name)).toBe(`broken   ${name}: ${message.replace(/\.$/, "")}. ${hint}`);
    expect(line(lines, "permissions")).toMatch(/^ok /);
  });

  test("nothing, with the code and the variables that deploy is given", async () => {
    await mkdir(join(folder, "app"));
    await writeFile(join(folder, "app", "app.py"), "def handler(event, context): pass\n");
    const { code, lines } = await doctor(aws.env, "--code", "app", ...python);
    expect({ code, found: line(lines, "function") }).toEqual({
      code: 0,
      found: expect.stringMatching(/^ok .*app, 1 file, \d+ bytes zipped$/),
    });
  });
});

describe("the keys of other servers", () => {
  const configure = (...references: string[]) => {
    const urls = references.map((_, n) => `openai:https://llm-${n}.example.com/v1`);
    const models = { default: urls.map((url) => `${url}#m`) };
    const secrets = Object.fromEntries(urls.map((url, n) => [url, references[n]]));
    return writeFile(join(folder, "llm-gw.json"), JSON.stringify({ models, secrets }));
  };
  const keys = (lines: readonly string[]) => lines.filter((one) => one.includes(" keys: "));

  test("in the environment: each that is missing is told", async () => {
    await configure("env:FIRST", "env:SECOND", "env:THIRD");
    const some = await doctor(aws.env, "--env", "SECOND=canary");
    expect(some.code).toBe(1);
    expect(keys(some.lines)).toEqual(
      ["FIRST", "THIRD"].map((name) =>
        expect.stringMatching(`^broken .* is env:${name}, .* Give it with --env ${name}`),
      ),
    );
    const all = await doctor(
      { ...aws.env, FIRST: "a", THIRD: "b" },
      "--env",
      "SECOND=canary",
      "--env",
      "FIRST",
      "--env",
      "THIRD",
    );
    expect(all.code).toBe(0);
    expect(keys(all.lines)).toEqual(["ok       keys: the function's environment has FIRST, SECOND, THIRD"]);
    expect(JSON.stringify([some, all])).not.toContain("canary");
  });

  test("in Systems Manager and Secrets Manager: whether they are there is told, and none is read", async () => {
    const parameters = new SSMClient(aws.client);
    const secrets = new SecretsManagerClient(aws.client);
    await parameters.send(new PutParameterCommand({ Name: "/llm/there", Type: "SecureString", Value: "canary" }));
    for (const Name of ["there", "marked"]) {
      await secrets.send(new CreateSecretCommand({ Name, SecretString: "canary" }));
    }
    await secrets.send(new CreateSecretCommand({ Name: "empty" }));
    await secrets.send(new DeleteSecretCommand({ SecretId: "marked" }));
    await configure(
      ...["ssm:/llm/there", "ssm:/llm/none", "secretsmanager:there"],
      ...["secretsmanager:none", "secretsmanager:empty", "secretsmanager:marked"],
    );
    await aws.calls();
    const { code, lines } = await doctor(aws.env);
    expect(code).toBe(1);
    const command = "aws secretsmanager";
    expect(keys(lines)).toEqual([
      "ok       keys: ssm:/llm/there exists",
      "broken   keys: ssm:/llm/none does not exist in eu-west-1. Put the key there: aws ssm put-parameter --region eu-west-1 --name /llm/none --type SecureString --value ...",
      "ok       keys: secretsmanager:there exists",
      `broken   keys: secretsmanager:none does not exist in eu-west-1. Put the key there: ${command} create-secret --region eu-west-1 --name none --secret-string ...`,
      `broken   keys: secretsmanager:empty has no value. Put the key there: ${command} put-secret-value --region eu-west-1 --secret-id empty --secret-string ...`,
      `broken   keys: secretsmanager:marked is marked for deletion. Take it back: ${command} restore-secret --region eu-west-1 --secret-id marked`,
    ]);
    const asked = (await aws.calls()).map(({ operation }) => operation);
    await mkdir(join(folder, ".aws"));
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = aws.env;
    const profile = `[work]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
    await writeFile(join(folder, ".aws", "credentials"), profile);
    const other = await doctor(aws.env, "--profile", "work");
    expect(other.lines.join()).toContain("aws ssm put-parameter --region eu-west-1 --profile work --name /llm/none ");
    expect(asked).toEqual(expect.arrayContaining(["DescribeParameters", "DescribeSecret"]));
    expect(asked.filter((operation) => /^Get(Parameter|SecretValue)/.test(operation))).toEqual([]);
  });

  test("where the deployer may not look, or cannot, they are unknown, and nothing else is", async () => {
    await configure("ssm:key", "secretsmanager:key");
    await aws.faults(
      ...["DescribeParameters", "DescribeSecret"].map((operation) => ({
        ...{ operation, nth: 1, effect: "before" as const, kind: "error" as const },
        ...{ status: 400, code: "AccessDeniedException", message: "not authorized" },
      })),
    );
    const { code, lines } = await doctor(aws.env);
    expect(code).toBe(0);
    expect(keys(lines)).toEqual([
      expect.stringMatching(/^unknown .*whether ssm:key exists: ssm:DescribeParameters on .* is denied/),
      expect.stringMatching(
        /^unknown .*whether secretsmanager:key exists: secretsmanager:DescribeSecret on .* is denied/,
      ),
    ]);
    expect(line(lines, "permissions")).toMatch(/^ok /);
    for (const world of [{}, { ...aws.env, AWS_REGION: "" }]) {
      expect(keys((await doctor(world)).lines)).toEqual([
        expect.stringMatching(/^unknown .*: not looked for ssm:key: /),
        expect.stringMatching(/^unknown .*: not looked for secretsmanager:key: /),
      ]);
    }
  });
});

describe("--local", () => {
  const configure = () => {
    const models = { default: "openai:https://llm.example.com/v1#m" };
    const secrets = { "openai:https://llm.example.com/v1": "ssm:/llm/key" };
    return writeFile(join(folder, "llm-gw.json"), JSON.stringify({ models, secrets }));
  };

  test("while the local AWS does not run, nothing is broken: deploy starts it", async () => {
    await configure();
    const { code, lines } = await doctor({ LLM_GW_LOCAL_PORT: "1" }, "--local", "--stage", "dev");
    expect(code).toBe(0);
    const start = "LLM_GW_LOCAL_PORT=1 llm-gw deploy --stage dev --local";
    expect(lines).toContain(`unknown  local AWS: it is not running. It starts with: ${start}`);
    expect(lines).toContain("unknown  keys: not looked for ssm:/llm/key: the local AWS is not running");
    expect(lines.join("\n")).not.toMatch(/credentials|permissions/);
    const json = await llmGwJson(folder, { LLM_GW_LOCAL_PORT: "1" }, ["doctor", "--local", "--stage", "dev"]);
    expect(json.findings).toContainEqual(
      expect.objectContaining({ name: "local AWS", cure: `It starts with: ${start}` }),
    );
  });

  test("something else at its port", async () => {
    const other = await listen(async (_sent, outgoing) =>
      reply(outgoing, { status: 200, headers: {}, body: Buffer.from("hello") }),
    );
    onTestFinished(() => other.close());
    const { code, lines } = await doctor({ LLM_GW_LOCAL_PORT: new URL(other.url).port }, "--local");
    expect(code).toBe(1);
    expect(line(lines, "local AWS")).toMatch(/^broken .*port \d+ is in use/);
  });

  test("the command that puts a missing key there leads to the local AWS, not to the user's account", async () => {
    await configure();
    const { code, lines } = await doctor({ ...aws.env, LLM_GW_LOCAL_PORT: new URL(aws.url).port }, "--local");
    expect({ code, running: line(lines, "local AWS") }).toEqual({
      code: 1,
      running: `ok       local AWS: runs at ${aws.url}`,
    });
    const [, variables = ""] =
      /Put the key there: (.*) aws ssm put-parameter --region \S+ --name \/llm\/key /.exec(lines.join("\n")) ?? [];
    expect(Object.fromEntries(variables.split(" ").map((pair) => pair.split("=")))).toEqual({
      AWS_ENDPOINT_URL: aws.url,
      AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
      AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
    });
  });
});

test("a network that does not lead to AWS says nothing of the credentials", async () => {
  const page = Buffer.from("<!DOCTYPE html><p>Welcome! Sign in.<br>");
  const portal = await listen(async (_sent, outgoing) =>
    reply(outgoing, { status: 200, headers: { "content-type": "text/html" }, body: page }),
  );
  onTestFinished(() => portal.close());
  const { code, lines } = await doctor({ ...aws.env, AWS_ENDPOINT_URL_STS: portal.url });
  expect(code).toBe(1);
  expect(line(lines, "connection")).toMatch(/^broken .*what answered is not AWS/);
  for (const name of ["credentials", "permissions"]) {
    expect(line(lines, name)).toBe(`unknown  ${name}: AWS has not told who you are`);
  }
});

test("a key that AWS does not know", async () => {
  const { code, lines } = await doctor({ ...aws.env, AWS_ACCESS_KEY_ID: "AKIAUNKNOWN000000000" });
  expect(code).toBe(1);
  expect(line(lines, "credentials")).toMatch(/^broken .*does not know the access key/);
  expect(line(lines, "clock")).toMatch(/^ok /);
});

test("a clock that is off", async () => {
  const sts = await listen(async (sent, outgoing) => {
    const answer = await sendOn(aws.url, sent);
    const date = new Date(Date.now() + 3_600_000).toUTCString();
    reply(outgoing, { ...answer, headers: { ...answer.headers, date } });
  });
  onTestFinished(() => sts.close());
  const { code, lines } = await doctor({ ...aws.env, AWS_ENDPOINT_URL_STS: sts.url });
  expect(code).toBe(1);
  expect(line(lines, "clock")).toMatch(/^broken .*(3599|3600|3601) s behind AWS\. Let it follow a time server/);
});

/** IAM's simulation denies an action on the resources whose ARN matches. */
const denying = (action: string, resource: RegExp) =>
  startProxy(aws.url, (_operation, answer, _response, body) => {
    const results = new RegExp(`<member>(?:(?!</member>).)*<EvalActionName>${action}<.*?</member>`, "g");
    answer(body.replaceAll(results, (one) => (resource.test(one) ? one.replace(">allowed<", ">implicitDeny<") : one)));
  });

test("actions that IAM would deny, on what, and where the documented policy grants them", async () => {
  const { code, lines } = await doctor({
    ...aws.env,
    AWS_ENDPOINT_URL_IAM: await denying("lambda:CreateFunction", /./),
  });
  expect(code).toBe(1);
  expect(line(lines, "permissions")).toMatch(
    /^broken .*IAM would deny lambda:CreateFunction on arn:aws:lambda:[\w-]+:\d+:function:llm-gw-prod\. Allow it as line \d+ of docs\/deployer-policy\.json does/,
  );
});

test("of a gateway with another name and stage, its own resources are asked about", async () => {
  const env = { ...aws.env, AWS_ENDPOINT_URL_IAM: await denying("iam:CreateRole", /./) };
  const { lines } = await doctor(env, "--name", "my-gateway", "--stage", "dev");
  expect(line(lines, "permissions")).toContain(
    `IAM would deny iam:CreateRole on arn:aws:iam::${aws.account}:role/my-gateway-dev-eu-west-1. `,
  );
});

test("an action that IAM would allow on one of its resources alone", async () => {
  const { code, lines } = await doctor({ ...aws.env, AWS_ENDPOINT_URL_IAM: await denying("apigateway:POST", /apis</) });
  expect(code).toBe(1);
  expect(line(lines, "permissions")).toMatch(/^broken .*IAM would deny apigateway:POST on arn:[\w:-]+::\/apis\. /);
});

test("of the two ARNs of a log group, one is enough", async () => {
  const { code, lines } = await doctor({
    ...aws.env,
    AWS_ENDPOINT_URL_IAM: await denying("logs:CreateLogGroup", /:any</),
  });
  expect({ code, permissions: line(lines, "permissions") }).toEqual({
    code: 0,
    permissions: expect.stringMatching(/^ok /),
  });
});

test("where IAM may not be asked, the reads are tried, and the writes are unknown", async () => {
  await aws.refuse("SimulatePrincipalPolicy", 403, "AccessDenied", "not authorized", { times: 100 });
  const { code, lines } = await doctor(aws.env);
  expect(code).toBe(0);
  expect(line(lines, "permissions")).toMatch(
    /^unknown .*the \d+ reads of status are allowed; writes could not be simulated: iam:SimulatePrincipalPolicy /,
  );
});

test("where IAM may not be asked, a read that is denied is named", async () => {
  await aws.faults(
    ...[["SimulatePrincipalPolicy", 100] as const, ["DescribeLogGroups", 1] as const].map(([operation, times]) => ({
      ...{ operation, nth: 1, times, effect: "before" as const, kind: "error" as const },
      ...{ status: 403, code: "AccessDenied", message: "not authorized" },
    })),
  );
  const { code, lines } = await doctor(aws.env);
  expect(code).toBe(1);
  expect(line(lines, "permissions")).toMatch(/^broken .*logs:DescribeLogGroups on .* is denied/);
});

test("the root user, whom IAM does not simulate", async () => {
  const sts = await startProxy(aws.url, (_operation, answer, _response, body) =>
    answer(body.replace(/user\/[\w-]+(?=<)/, "root")),
  );
  const { code, lines } = await doctor({ ...aws.env, AWS_ENDPOINT_URL_STS: sts });
  expect(code).toBe(0);
  expect(line(lines, "permissions")).toMatch(/^unknown .*IAM simulates users and roles, not arn:aws:iam::\d+:root/);
});

test("an inference profile of another geography", async () => {
  await writeFile(join(folder, "llm-gw.json"), '{"models":{"default":"bedrock:us.amazon.nova-micro-v1:0"}}');
  const here = await doctor(aws.env);
  expect(line(here.lines, "models")).toMatch(
    /^broken .*us\.amazon\.nova-micro-v1:0 cannot be called from eu-west-1\. Did/,
  );
  const { AWS_REGION: _region, ...nowhere } = aws.env;
  expect(line((await doctor(nowhere)).lines, "models")).toBe("unknown  models: they depend on the region");
});

describe("how the local AWS runs your own code", () => {
  const runtimeLine = async (runtime: string, path?: string) => {
    await writeFile(join(folder, "index.mjs"), "");
    await writeFile(join(folder, "app.py"), "");
    const handler = runtime.startsWith("python") ? "app.handler" : "index.handler";
    const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port, ...(path !== undefined && { PATH: path }) };
    const { code, lines } = await doctor(env, "--local", "--code", ".", "--runtime", runtime, "--handler", handler);
    return { code, line: line(lines, "runtime") };
  };
  /** A folder with a python3 that says it is 3.1.4. */
  const oldPython = async () => {
    const bin = await temporaryFolder();
    await writeFile(join(bin, "python3"), "#!/bin/sh\necho Python 3.1.4\n", { mode: 0o755 });
    return bin;
  };
  const node = `nodejs${process.versions.node.split(".")[0]}.x`;

  test("with another Python", async () => {
    const { code, line } = await runtimeLine("python3.13", await oldPython());
    expect(code).toBe(0);
    expect(line).toMatch(/^unknown .* the local AWS runs python3\.13 with the Python 3\.1\.4 of this machine; /);
  });

  test("without Python", async () => {
    const { code, line } = await runtimeLine("python3.13", await temporaryFolder());
    expect(code).toBe(1);
    expect(line).toMatch(
      /^broken .* python3 was not found on the PATH, .* It can be deployed, but not be called here\.$/,
    );
  });

  test.each(["ruby3.4", "nodejs16.x", node])("%s", async (runtime) => {
    const { line } = await runtimeLine(runtime);
    const expected = {
      "ruby3.4": /^broken .* the local AWS cannot run ruby3\.4, only /,
      "nodejs16.x": /^unknown .* the local AWS runs nodejs16\.x with the Node\.js \d+\.\d+\.\d+ of this machine; /,
      [node]: /^ok .* this machine has nodejs\d+\.x$/,
    };
    expect(line).toMatch(expected[runtime] ?? "");
  });

  test("nothing is said where AWS runs it, nor of the built-in function", async () => {
    await writeFile(join(folder, "app.py"), "");
    const own = ["--code", ".", "--runtime", "python3.13", "--handler", "app.handler"];
    expect(line((await doctor(aws.env, ...own)).lines, "runtime")).toBeUndefined();
    expect(
      line((await doctor({ LLM_GW_LOCAL_PORT: new URL(aws.url).port }, "--local")).lines, "runtime"),
    ).toBeUndefined();
  });
});

test("models that are not on Bedrock need no access to it", async () => {
  await writeFile(join(folder, "llm-gw.json"), '{"models":{"default":"echo:"}}');
  const { findings } = await llmGwJson(folder, aws.env, ["doctor"]);
  expect(findings).toContainEqual({ name: "models", status: "ok", message: "none of them is on Bedrock" });
});

test("a Region without the default model", async () => {
  const { code, lines } = await doctor({ ...aws.env, AWS_REGION: "ca-central-1" });
  expect(code).toBe(1);
  expect(line(lines, "models")).toMatch(/^broken .*no model is configured, and ca-central-1 .*Put "models" into/);
});

test("in a narrow terminal lines break between words", async () => {
  const output = { columns: 40, colours: false };
  const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  const { stdout } = await runHere(["doctor", "--local"], { cwd: folder, env, output });
  expect(stdout).toMatch(/^ok {7}credentials: account\n {9}000000000000,\n {9}arn:aws:/m);
  expect(stdout).toMatch(/^ok {7}models: the local AWS answers\n {9}in place of Bedrock$/m);
});
