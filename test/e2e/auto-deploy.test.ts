// The life of a gateway with autoDeploy. What it does, every AWS can that the end-to-end tests run against.
import { readdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DeleteRouteCommand, GetApisCommand, GetRoutesCommand } from "@aws-sdk/client-apigatewayv2";
import { DeleteLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { DetachRolePolicyCommand } from "@aws-sdk/client-iam";
import {
  DeleteFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  RemovePermissionCommand,
  UntagResourceCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { beforeEach, describe, expect, test } from "vitest";
import { clients } from "../support/account.ts";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const FunctionName = "llm-gw-prod";
const RoleName = "llm-gw-prod-eu-west-1";
const configure = (config: object) =>
  writeFile(join(folder, "llm-gw.json"), JSON.stringify({ autoDeploy: true, models: { default: "echo:" }, ...config }));
const deploy = (...args: string[]) => llmGwJson(folder, aws.env, ["deploy", ...args]);

beforeEach(() => configure({}));

test("deploy, deploy again, status, destroy, destroy again", async () => {
  const first = await deploy();
  expect(first.summary).toMatchObject({ created: 12 });
  await aws.calls();
  expect(await deploy()).toMatchObject({
    summary: { unchanged: 12 },
    calls: { mutating: 0 },
    endpoint: first.endpoint,
  });
  expect(await aws.mutations()).toEqual([]);
  expect(await llmGw(folder, aws.env, ["status", "--check"])).toMatchObject({ code: 0 });
  expect(await llmGwJson(folder, aws.env, ["destroy", "--yes"])).toMatchObject({ summary: { deleted: 4 } });
  expect(await llmGwJson(folder, aws.env, ["destroy", "--yes"])).toMatchObject({ summary: { deleted: 0 } });
  expect(await readdir(folder)).toEqual(["llm-gw.json"]);
  expect(await llmGw(folder, aws.env, ["status", "--check"])).toMatchObject({ code: 3 });
});

test("without its state file a gateway is found again", async () => {
  await deploy();
  await rm(join(folder, ".llm-gw"), { recursive: true });
  await aws.calls();
  expect(await deploy()).toMatchObject({ summary: { unchanged: 12 } });
  expect(await aws.mutations()).toEqual([]);
});

test("a function that is not ours is refused, and --adopt takes it over", async () => {
  await deploy();
  const Resource = `arn:aws:lambda:eu-west-1:${aws.account}:function:${FunctionName}`;
  await clients(aws).lambda.send(new UntagResourceCommand({ Resource, TagKeys: ["llm-gw:gateway"] }));
  await aws.calls();
  expect(await llmGw(folder, aws.env, ["deploy"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("add --adopt"),
  });
  expect(await aws.mutations()).toEqual([]);
  expect(await deploy("--adopt")).toMatchObject({ summary: { adopted: 1 } });
  expect(await aws.mutations()).toEqual(["TagResource"]);
});

describe("one property changes", () => {
  test("of the function", async () => {
    await deploy();
    await aws.calls();
    await deploy("--memory", "1024", "--env", "COLOUR=green");
    expect(await aws.mutations()).toEqual(["UpdateFunctionConfiguration"]);
    const found = await clients(aws).lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    expect(found).toMatchObject({ MemorySize: 1024, Environment: { Variables: { COLOUR: "green" } } });
  });

  test("of the log group", async () => {
    await deploy();
    await aws.calls();
    await configure({ function: { logRetentionDays: 30 } });
    await deploy();
    expect(await aws.mutations()).toEqual(["PutRetentionPolicy"]);
  });

  test("of the routes", async () => {
    await deploy("--route", "POST /inference");
    await aws.calls();
    await deploy("--route", "POST /inference", "--route", "POST /ask");
    expect(await aws.mutations()).toEqual(["CreateRoute"]);
    await deploy("--route", "POST /inference");
    expect(await aws.mutations()).toEqual(["DeleteRoute"]);
  });

  test("of the stage", async () => {
    await deploy();
    await aws.calls();
    await configure({ throttle: { rate: 5, burst: 6 } });
    await deploy();
    expect(await aws.mutations()).toEqual(["UpdateStage"]);
  });
});

describe("what a hand did is repaired", () => {
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
  const HANDS: Record<string, () => Promise<unknown>> = {
    "the function is gone": () => clients(aws).lambda.send(new DeleteFunctionCommand({ FunctionName })),
    "the function is configured otherwise": () =>
      clients(aws).lambda.send(new UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 3 })),
    "the permission is gone": () =>
      clients(aws).lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: "llm-gw-api-gateway" })),
    "the attachment is gone": () => clients(aws).iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    "the log group is gone": () =>
      clients(aws).logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
    "the route is gone": async () => {
      const { apigateway } = clients(aws);
      const ApiId = (await apigateway.send(new GetApisCommand({}))).Items?.[0]?.ApiId;
      const { Items } = await apigateway.send(new GetRoutesCommand({ ApiId }));
      await apigateway.send(new DeleteRouteCommand({ ApiId, RouteId: Items?.[0]?.RouteId }));
    },
  };

  test.each(Object.keys(HANDS))("%s", async (hand) => {
    await deploy();
    await HANDS[hand]?.();
    expect(await llmGw(folder, aws.env, ["status", "--check"])).toMatchObject({ code: 3 });
    await deploy();
    expect(await deploy()).toMatchObject({ summary: { unchanged: 12 } });
    const { Policy } = await clients(aws).lambda.send(new GetPolicyCommand({ FunctionName }));
    expect(Policy).toContain("llm-gw-api-gateway");
  });
});

describe("the deployed gateway answers", () => {
  test("through its URL", async () => {
    await deploy();
    const answer = await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello"]);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining("Hello") });
  });

  test("with invoke --via lambda", async () => {
    await deploy();
    const answer = await llmGw(folder, aws.env, ["invoke", "--via", "lambda", "--prompt", "Hello"]);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining("Hello") });
  });
});
