// Wrong credentials, other owners, other processes: refused with one clear error, and nothing is touched.
import { mkdir, readFile, writeFile } from "node:fs/promises";
import { createServer } from "node:http";
import { hostname } from "node:os";
import { join } from "node:path";
import { CreateRoleCommand } from "@aws-sdk/client-iam";
import { CreateFunctionCommand } from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { clients, inventory } from "../support/account.ts";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";
import { startProxy } from "../support/proxy.ts";

oneAwsForAllTests();

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
    await aws.refuse(
      "GetCallerIdentity",
      403,
      "ExpiredToken",
      "The security token included in the request is expired",
      { times: 99 },
    );
    await mkdir(join(folder, ".aws"));
    const { AWS_ACCESS_KEY_ID: id, AWS_SECRET_ACCESS_KEY: secret } = aws.env;
    const profile = `[work]\naws_access_key_id = ${id}\naws_secret_access_key = ${secret}\n`;
    await writeFile(join(folder, ".aws", "credentials"), profile);
    const run = await llmGw(folder, aws.env, ["deploy", "--profile", "work"]);
    await aws.faults();
    expect(run).toMatchObject({ code: 1 });
    expect(run.stderr).toContain("hint: Log in again: aws sso login --profile work");
  });

  describe("access denied names the action, the resource and the line that grants it, and never waits", () => {
    const user = "User: arn:aws:iam::1:user/x is not authorized to perform:";
    const role = "arn:aws:iam::000000000000:role/llm-gw-prod-eu-west-1";
    const cases = [
      ["AWS says it all", "CreateRole", `${user} iam:CreateRole on resource: ${role}`, `iam:CreateRole on ${role}`],
      ["AWS says nothing", "CreateRole", "", "iam:CreateRole on arn:aws:iam::ACCOUNT:role/llm-gw-prod-eu-west-1"],
      ["another action", "CreateFunction", `${user} iam:PassRole on resource: ${role}`, `iam:PassRole on ${role}`],
      ["an API's", "CreateApi", "Forbidden", "apigateway:POST on arn:aws:apigateway:eu-west-1::/apis"],
    ];

    test.each(cases)("%s", async (_name, operation = "", message = "", named = "") => {
      await aws.refuse(operation, 403, "AccessDeniedException", message, { times: 99 });
      const run = await llmGw(folder, aws.env, ["deploy"]);
      await aws.faults();
      expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(`error: ${named} is denied: `) });
      const line = Number(/hint: Allow it as line (\d+) of docs\/deployer-policy.json/.exec(run.stderr)?.[1]);
      const lines = (await readFile("docs/deployer-policy.json", "utf8")).split("\n");
      expect(lines[line - 1]).toContain(`"${named.split(" ")[0]}"`);
      const tried = (await aws.calls()).filter((call) => call.operation === operation);
      expect(tried).toHaveLength(1);
      await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
    });

    test("tags that AWS leaves out, because lambda:ListTags is missing", async () => {
      await llmGwJson(folder, aws.env, ["deploy"]);
      const endpoint = await startProxy(aws.url, (operation, reply, _response, body) => {
        if (operation !== "GET /2015-03-31/functions/llm-gw-prod") return reply();
        const { Tags: _tags, ...rest } = JSON.parse(body);
        reply(JSON.stringify({ ...rest, TagsError: { ErrorCode: "AccessDeniedException", Message: "denied" } }));
      });
      const run = await llmGw(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
      expect(run).toMatchObject({
        code: 1,
        stderr: expect.stringMatching(/hint: lambda:ListTags is missing\. Allow it as line \d+ of/),
      });
      await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
    });

    test("what the deployer's policy cannot grant", async () => {
      const message = `${user} iam:CreateRole on resource: ${role} with an explicit deny in a service control policy`;
      await aws.refuse("CreateRole", 403, "AccessDenied", message, { times: 99 });
      const run = await llmGw(folder, aws.env, ["deploy"]);
      await aws.faults();
      expect(run.stderr).toContain("hint: Another policy stands against it");
      await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
    });
  });
});

describe("the account", () => {
  test("a state file of another account is refused", async () => {
    await llmGwJson(folder, aws.env, ["deploy", "--name", "moved"]);
    const path = join(folder, ".llm-gw", "moved-prod-eu-west-1.json");
    const state = await readFile(path, "utf8");
    await writeFile(path, state.replace(aws.account, "111111111111"));
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

test.each([
  ["a container image", { PackageType: "Image" }, /is a container image.*\nhint: Choose another --name/],
  [
    "encrypted",
    { Environment: { Error: { ErrorCode: "AccessDenied" } } },
    /is encrypted with a key.*\nhint: Ask for kms:/,
  ],
])("a function that is %s: what to do about it", async (_, configuration, said) => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  const endpoint = await startProxy(aws.url, (operation, reply, _response, body) => {
    if (operation !== "GET /2015-03-31/functions/llm-gw-prod") return reply();
    const answer = JSON.parse(body);
    reply(JSON.stringify({ ...answer, Configuration: { ...answer.Configuration, ...configuration } }));
  });
  const run = await llmGw(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringMatching(said) });
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
});

describe("processes", () => {
  test("a state file locked on another machine is refused, by a dead process of this one is not", async () => {
    await mkdir(join(folder, ".llm-gw"));
    const lock = join(folder, ".llm-gw", "llm-gw-prod-eu-west-1.json.lock");
    const owner = { pid: process.pid, host: "elsewhere", since: "2026-01-01T00:00:00.000Z", token: "t" };
    await writeFile(lock, JSON.stringify(owner));
    const run = await llmGw(folder, aws.env, ["deploy"]);
    expect(run).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`another llm-gw works on this gateway: process ${process.pid} on elsewhere`),
    });
    await writeFile(lock, JSON.stringify({ ...owner, host: hostname(), pid: 2 ** 22 + 1 }));
    expect((await llmGw(folder, aws.env, ["destroy", "--yes"])).code).toBe(0);
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
