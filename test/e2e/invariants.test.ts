// The invariants a gateway always keeps; lost-answers.test.ts has the second, repair.test.ts the sixth.
import { readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import {
  DeleteApiCommand,
  GetApisCommand,
  TagResourceCommand,
  UntagResourceCommand as UntagApiCommand,
} from "@aws-sdk/client-apigatewayv2";
import { DeleteFunctionCommand, UntagResourceCommand } from "@aws-sdk/client-lambda";
import { describe, expect, test } from "vitest";
import { clients, EMPTY_ACCOUNT, inventory } from "../support/account.ts";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";
import { startProxy } from "../support/proxy.ts";

freshAwsForEachTest();

const deploy = (...args: string[]) => llmGwJson(folder, aws.env, ["deploy", ...args]);
const destroy = () => llmGwJson(folder, aws.env, ["destroy", "--yes"]);
const configure = (config: object) => writeFile(join(folder, "llm-gw.json"), JSON.stringify(config));
const forget = () => rm(join(folder, ".llm-gw"), { recursive: true });

test("1: a second deploy reads everything in one parallel round, and writes nothing", async () => {
  await deploy();
  await aws.calls();
  const reads = (await deploy()).calls.total;
  expect(await aws.mutations()).toEqual([]);
  // No answer gets through before the last request has come: a second round would wait for ever.
  const held: (() => void)[] = [];
  const endpoint = await startProxy(aws.url, (_operation, reply) => {
    held.push(reply);
    if (held.length === reads) for (const one of held) one();
  });
  const again = await llmGwJson(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(again).toMatchObject({ calls: { total: reads, mutating: 0 }, summary: { unchanged: 13 } });
});

describe("3: without the state file", () => {
  test("deploy adopts everything without a write, and destroy removes it", async () => {
    await deploy();
    await forget();
    await aws.calls();
    expect(await deploy()).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
    await forget();
    await destroy();
    expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
  });
});

test("4: something foreign is refused, and --adopt takes it over", async () => {
  await deploy();
  const { lambda } = clients(aws);
  const Resource = `arn:aws:lambda:eu-west-1:${aws.account}:function:llm-gw-prod`;
  await lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["llm-gw:gateway"] }));
  await aws.calls();
  const refused = await llmGw(folder, aws.env, ["deploy"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining("add --adopt") });
  expect(await aws.mutations()).toEqual([]);
  expect(await deploy("--adopt")).toMatchObject({ summary: { adopted: 1 } });
  expect(await aws.mutations()).toEqual(["TagResource"]);
});

describe("5: exactly the calls for what changed", () => {
  test("memory", async () => {
    await deploy();
    await aws.calls();
    await deploy("--memory", "1024");
    expect(await aws.mutations()).toEqual(["UpdateFunctionConfiguration"]);
  });

  test("models without rights of their own: the code, unless only their order differs", async () => {
    await configure({ models: { default: "echo:", fast: ["openai:http://127.0.0.1:9/v1#m", "default"] } });
    await deploy();
    await aws.calls();
    await configure({ models: { fast: ["openai:http://127.0.0.1:9/v1#m", "default"], default: "echo:" } });
    await deploy();
    expect(await aws.mutations()).toEqual([]);
    await configure({ models: { default: "echo:", fast: "default" }, limits: { maxTokens: 100 } });
    await deploy();
    expect(await aws.mutations()).toEqual(["UpdateFunctionCode"]);
  });

  test("a route more, a route less: one new deployment, one switch of the stage", async () => {
    await deploy("--route", "POST /inference");
    await aws.calls();
    await deploy("--route", "POST /inference", "--route", "POST /ask");
    expect(await aws.mutations()).toEqual(["CreateRoute", "CreateDeployment", "UpdateStage"]);
    expect(await deploy("--route", "POST /inference")).toMatchObject({ summary: { deleted: 1 } });
    // An earlier deployment of this content exists; but nobody can tell what is in it, and it goes.
    expect(await aws.mutations()).toEqual(["DeleteRoute", "CreateDeployment", "UpdateStage", "DeleteDeployment"]);
  });

  test("the only route renamed: the old one answers no more", async () => {
    const { endpoint } = await deploy("--auth", "none", "--route", "POST /inference");
    await aws.calls();
    expect(await deploy("--auth", "none", "--route", "ANY /{proxy+}")).toMatchObject({
      summary: { created: 2, deleted: 1 },
    });
    expect(await aws.mutations()).toEqual(["CreateRoute", "DeleteRoute", "CreateDeployment", "UpdateStage"]);
    await deploy("--auth", "none", "--route", "POST /ask");
    expect((await fetch(endpoint, { method: "POST", body: "{}" })).status).toBe(404);
  });

  test("auth", async () => {
    const routes = ["--route", "POST /inference", "--route", "POST /ask"];
    await deploy(...routes);
    await aws.calls();
    await deploy(...routes, "--auth", "none");
    expect(await aws.mutations()).toEqual(["UpdateRoute", "UpdateRoute", "CreateDeployment", "UpdateStage"]);
  });

  test("autoDeploy and back", async () => {
    await configure({ autoDeploy: true });
    await deploy();
    await aws.calls();
    await configure({});
    await deploy();
    expect(await aws.mutations()).toEqual(["CreateDeployment", "UpdateStage", "UpdateStage"]);
    await configure({ autoDeploy: true });
    await deploy();
    expect(await aws.mutations()).toEqual(["UpdateStage"]);
    expect(await deploy()).toMatchObject({ summary: { unchanged: 12 } });
  });

  test("removed settings are really cleared", async () => {
    const full = {
      tags: { team: "blue" },
      throttle: { rate: 5, burst: 6 },
      function: { environment: { COLOUR: "green" }, logRetentionDays: 30 },
      models: { default: "bedrock:amazon.nova-micro-v1:0" },
    };
    await configure(full);
    await deploy();
    await configure({ models: { default: "echo:" }, function: { logRetentionDays: 0 } });
    await deploy();
    const { roles, functions, apis, logGroups } = await inventory(aws);
    expect(roles).toMatchObject([{ inline: ["llm-gw"] }]);
    expect(functions).toMatchObject([{ Variables: {} }]);
    expect(apis[0]?.Tags).toEqual({ "llm-gw:gateway": "llm-gw", "llm-gw:stage": "prod" });
    expect(apis[0]?.stages).toMatchObject([
      { DefaultRouteSettings: { ThrottlingRateLimit: 10, ThrottlingBurstLimit: 20 } },
    ]);
    expect(logGroups).toMatchObject([{ retentionInDays: undefined }]);
  });
});

test("an integration that AWS refuses while its function does not exist waits for the function", async () => {
  await aws.timing({ rolePropagationMs: 500 });
  const message = "Invalid integration URI specified";
  await aws.refuse("CreateIntegration", 400, "BadRequestException", message);
  expect(await deploy()).toMatchObject({ summary: { created: 13 } });
  const sent = (await aws.mutations()).filter((operation) => /Create(Function|Integration)/.test(operation));
  expect(sent.slice(-2)).toEqual(["CreateFunction", "CreateIntegration"]);
});

test("an API of our name that is not ours is refused, taken over with --adopt, and else left alone", async () => {
  await deploy();
  const { apigateway } = clients(aws);
  const { Items } = await apigateway.send(new GetApisCommand({}));
  const ResourceArn = `arn:aws:apigateway:eu-west-1::/apis/${Items?.[0]?.ApiId}`;
  await apigateway.send(new UntagApiCommand({ ResourceArn, TagKeys: ["llm-gw:gateway"] }));
  await forget();
  expect(await llmGw(folder, aws.env, ["deploy"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("--adopt"),
  });
  const asked = await llmGw(folder, aws.env, ["invoke", "--prompt", "a secret plan"]);
  expect(asked).toMatchObject({ code: 1, stderr: expect.stringContaining("is not deployed") });
  expect(await deploy("--adopt")).toMatchObject({ summary: { adopted: 1 } });
  await apigateway.send(new TagResourceCommand({ ResourceArn, Tags: { "llm-gw:gateway": "another" } }));
  const left = await llmGw(folder, aws.env, ["destroy", "--yes"]);
  expect(left).toMatchObject({ code: 0, stderr: expect.stringContaining("left alone: apigatewayv2.api llm-gw-prod") });
  expect(await inventory(aws)).toMatchObject({
    roles: [],
    functions: [],
    logGroups: [],
    apis: [{ Name: "llm-gw-prod" }],
  });
});

test("7: destroy removes what a hand has left, works twice and without state", async () => {
  await deploy();
  const { lambda, apigateway } = clients(aws);
  await lambda.send(new DeleteFunctionCommand({ FunctionName: "llm-gw-prod" }));
  const { Items } = await apigateway.send(new GetApisCommand({}));
  await apigateway.send(new DeleteApiCommand({ ApiId: Items?.[0]?.ApiId }));
  expect(await destroy()).toMatchObject({ summary: { deleted: 2 } });
  expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
  expect(await destroy()).toMatchObject({ summary: { deleted: 0 } });
});

describe("8: two deploys at once", () => {
  test("on two machines end with one set of resources", async () => {
    await deploy();
    const alone = await inventory(aws);
    await destroy();
    const other = await temporaryFolder();
    const both = await Promise.all([folder, other].map((cwd) => llmGw(cwd, aws.env, ["deploy"])));
    expect(both.map(({ code, stderr }) => [code, code === 0 ? "" : stderr])).toEqual([
      [0, ""],
      [0, ""],
    ]);
    expect(await inventory(aws)).toEqual(alone);
    expect(await deploy()).toMatchObject({ calls: { mutating: 0 } });
  });

  test("on one machine: one deploys, the other waits for it and finds nothing to do", async () => {
    const both = await Promise.all([1, 2].map(() => deploy()));
    expect(both.map(({ summary }) => summary.created).toSorted()).toEqual([0, 13]);
    expect((await inventory(aws)).apis).toHaveLength(1);
  });
});

test("9: a secret shows nowhere", async () => {
  const canary = "canary-9e1b";
  await configure({ function: { environment: { FROM_FILE: `${canary}-file` } } });
  const args = ["--verbose", "--env", `FROM_FLAG=${canary}-flag`];
  const outputs: string[] = [];
  const run = async (...command: string[]) => {
    const { stdout, stderr } = await llmGw(folder, aws.env, command);
    outputs.push(stdout, stderr);
  };
  await run("deploy", ...args);
  await run("deploy", "--dry-run", "--env", `FROM_FLAG=${canary}-other`);
  await run("status", "--verbose");
  const message = `Lambda was unable to configure your environment variables because the environment variables you have provided exceeded the 4KB limit. String measured: {"FROM_FLAG":"${canary}-third"}`;
  await aws.refuse("UpdateFunctionConfiguration", 400, "InvalidParameterValueException", message);
  await run("deploy", "--json", "--verbose", "--env", `FROM_FLAG=${canary}-third`);
  const echo = `1 validation error detected: Value '{FROM_FILE=${canary}-file}' is bad`;
  await aws.refuse("UpdateFunctionConfiguration", 400, "ValidationException", echo);
  await run("deploy", "--verbose", "--env", `FROM_FLAG=${canary}-fourth`);
  outputs.push(await readFile(join(folder, ".llm-gw", "llm-gw-prod-eu-west-1.json"), "utf8"));
  expect(outputs.join("\n")).toContain("environment is above Lambda's limit of 4 KB");
  expect(outputs.join("\n")).not.toContain(canary);
});

test("10: a wait ends at once on an error that waiting cannot cure", async () => {
  await aws.timing({ rolePropagationMs: 3_600_000 });
  const message = "User: x is not authorized to perform: lambda:CreateFunction";
  await aws.refuse("CreateFunction", 403, "AccessDeniedException", message, { nth: 3 });
  const run = await llmGw(folder, aws.env, ["deploy"]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(message) });
  expect(run.stderr).toContain("waiting for the new role to become assumable by Lambda");
  expect((await aws.mutations()).filter((operation) => operation === "CreateFunction")).toHaveLength(3);
});
