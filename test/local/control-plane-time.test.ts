// What AWS does with time: late reads, writes that meet, calls that come too fast.
import * as api from "@aws-sdk/client-apigatewayv2";
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { CreateRoleCommand, DeleteRoleCommand, GetRoleCommand, UpdateRoleCommand } from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { createFunction, LAMBDA_TRUST, refusal, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  // The account compares clocks, so the tests move its clock.
  vi.useFakeTimers({ toFake: ["Date"] });
  aws = await startAccount();
});
afterEach(async () => {
  vi.useRealTimers();
  await aws.close();
});

const pass = (ms: number) => vi.setSystemTime(Date.now() + ms);
const timing = async (change: object) => {
  expect(await aws.admin("PUT", "timing", change)).toMatchObject({ status: 200 });
};
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
const createApi = async () => (await aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }))).ApiId;
const newRole = () =>
  aws.iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: LAMBDA_TRUST, Description: "old" }));
const description = async () => (await aws.iam.send(new GetRoleCommand({ RoleName: "r" }))).Role?.Description;

describe("late reads", () => {
  beforeEach(() => timing({ readLagMs: 1000 }));

  test("a role is missing for a moment after it was made, for a client that never asked for it too", async () => {
    await newRole();
    pass(999);
    expect((await refusal(description())).name).toBe("NoSuchEntityException");
    pass(1);
    expect(await description()).toBe("old");
  });

  test("one write after the other does not put a read off for ever", async () => {
    await newRole();
    pass(1000);
    await aws.iam.send(new UpdateRoleCommand({ RoleName: "r", Description: "new" }));
    pass(600);
    await aws.iam.send(new UpdateRoleCommand({ RoleName: "r", MaxSessionDuration: 7200 }));
    expect(await description()).toBe("old");
    pass(400);
    expect(await description()).toBe("new");
  });

  test("a deleted function is visible for a moment, and what was read of it before an update is not", async () => {
    await createFunction(aws, "f");
    const FunctionName = "f";
    const timeout = async () =>
      (await aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }))).Timeout;
    expect((await refusal(timeout())).name).toBe("ResourceNotFoundException");
    pass(1000);
    expect(await timeout()).toBe(3);
    await aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 }));
    expect(await timeout()).toBe(9);
    await aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName }));
    expect(await timeout()).toBe(9);
    pass(1000);
    expect((await refusal(timeout())).name).toBe("ResourceNotFoundException");
  });

  test("an API, and what is made in one, is listed late, and changed at once", async () => {
    const ApiId = await createApi();
    const listed = async () => ((await aws.api.send(new api.GetApisCommand({}))).Items ?? []).map(({ Name }) => Name);
    const stages = async () => (await aws.api.send(new api.GetStagesCommand({ ApiId }))).Items;
    expect(await listed()).toEqual([]);
    pass(999);
    await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "a" }));
    pass(1);
    await aws.api.send(new api.UpdateApiCommand({ ApiId, Name: "b" }));
    expect([await listed(), await stages()]).toEqual([["b"], []]);
    await aws.api.send(new api.DeleteApiCommand({ ApiId }));
    pass(999);
    expect([await listed(), await stages()]).toEqual([["b"], [expect.objectContaining({ StageName: "a" })]]);
    pass(1);
    expect(await listed()).toEqual([]);
  });

  test("a refused write makes no read late", async () => {
    await newRole();
    pass(1000);
    await refusal(aws.iam.send(new DeleteRoleCommand({ RoleName: "other" })));
    await timing({ readLagMs: 0 });
    await aws.iam.send(new UpdateRoleCommand({ RoleName: "r", Description: "new" }));
    await timing({ readLagMs: 1000 });
    expect(await description()).toBe("new");
  });
});

describe("writes that meet", () => {
  test("of two writes to one API at once, one is refused", async () => {
    const [ApiId, other] = [await createApi(), await createApi()];
    await timing({ latencyMs: 500 });
    const write = (id: string | undefined, name: string) =>
      aws.api.send(new api.CreateStageCommand({ ApiId: id, StageName: name }));
    const settled = await Promise.allSettled([write(ApiId, "a"), write(ApiId, "b"), write(other, "c")]);
    const refused = settled.filter((one) => one.status === "rejected");
    expect(refused).toHaveLength(1);
    expect(settled[2]?.status).toBe("fulfilled");
    expect(refused[0]?.reason).toMatchObject({
      name: "ConflictException",
      message: "Unable to complete operation due to concurrent modification. Please try again later.",
    });
  });

  test("a write that follows another one closely is refused while the API is busy", async () => {
    const ApiId = await createApi();
    await timing({ writeMs: 250 });
    const write = (StageName: string) => aws.api.send(new api.CreateStageCommand({ ApiId, StageName }));
    await write("a");
    expect(await refusal(write("b"))).toMatchObject({ name: "ConflictException", status: 409 });
    await aws.api.send(new api.GetStageCommand({ ApiId, StageName: "a" }));
    pass(250);
    await write("b");
  });

  test("a write that was refused keeps nobody waiting", async () => {
    const ApiId = await createApi();
    await timing({ writeMs: 3_600_000 });
    const RouteId = "missing";
    expect(await refusal(aws.api.send(new api.DeleteRouteCommand({ ApiId, RouteId })))).toMatchObject({ status: 404 });
    await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "a" }));
  });

  test("of two writes to one function's policy at once, one is refused, whether it is named or by its ARN", async () => {
    await createFunction(aws, "f");
    await timing({ latencyMs: 500 });
    const add = (StatementId: string, FunctionName = "f") =>
      aws.lambda.send(
        new lambda.AddPermissionCommand({
          FunctionName,
          StatementId,
          Action: "lambda:InvokeFunction",
          Principal: "apigateway.amazonaws.com",
        }),
      );
    const settled = await Promise.allSettled([add("a"), add("b", ARN)]);
    expect(settled.map(({ status }) => status).sort()).toEqual(["fulfilled", "rejected"]);
    expect(settled.find((one) => one.status === "rejected")?.reason).toMatchObject({
      name: "ResourceConflictException",
      message: expect.stringContaining("concurrent update operation"),
    });
  });
});

describe("rates", () => {
  beforeEach(() => timing({ rates: true }));

  test("API Gateway takes 40 calls at once and 10 a second, of all operations together", async () => {
    const call = () => aws.api.send(new api.GetApisCommand({}));
    await Promise.all(Array.from({ length: 40 }, call));
    expect(await refusal(createApi())).toMatchObject({ name: "TooManyRequestsException", status: 429 });
    pass(100);
    await call();
    expect(await refusal(call())).toMatchObject({ status: 429 });
  });

  test("one deployment every 5 seconds", async () => {
    const ApiId = await createApi();
    await aws.api.send(new api.CreateRouteCommand({ ApiId, RouteKey: "$default" }));
    const call = () => aws.api.send(new api.CreateDeploymentCommand({ ApiId }));
    await call();
    pass(4999);
    expect(await refusal(call())).toMatchObject({ name: "TooManyRequestsException", status: 429 });
    pass(5000);
    await call();
  });

  test("Lambda takes 15 calls a second, and counts GetFunction and GetPolicy by themselves", async () => {
    const FunctionName = "f";
    const list = () => aws.lambda.send(new lambda.ListFunctionsCommand({}));
    await Promise.all(Array.from({ length: 15 }, list));
    expect(await refusal(list())).toMatchObject({
      name: "TooManyRequestsException",
      status: 429,
      message: "Rate exceeded",
    });
    for (const Command of [lambda.GetFunctionCommand, lambda.GetPolicyCommand]) {
      expect(await refusal(aws.lambda.send(new Command({ FunctionName })))).toMatchObject({ status: 404 });
    }
    pass(1000);
    await list();
  });
});

test("a throttle fault has the words of its service", async () => {
  const throttle = (operation: string) => ({ operation, kind: "throttle", nth: 1 });
  const operations = ["GetRole", "ListFunctions", "GetApis", "DescribeLogGroups"];
  expect(await aws.admin("PUT", "faults", operations.map(throttle))).toMatchObject({ status: 200 });
  expect(await refusal(description())).toMatchObject({ name: "Throttling", status: 400 });
  expect(await refusal(aws.lambda.send(new lambda.ListFunctionsCommand({})))).toMatchObject({ status: 429 });
  expect(await refusal(aws.api.send(new api.GetApisCommand({})))).toMatchObject({ status: 429 });
  expect(await refusal(aws.logs.send(new DescribeLogGroupsCommand({})))).toMatchObject({ name: "ThrottlingException" });
});

test("a named timing sets every value, and single values go before it", async () => {
  await timing({ timing: "hostile", rolePropagationMs: 0, latencyMs: 0 });
  await createFunction(aws, "f");
  pass(5999);
  const state = async () =>
    (await aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName: "f" }))).State;
  expect(await state()).toBe("Pending");
  pass(1);
  expect(await state()).toBe("Active");
  expect(await aws.admin("PUT", "timing", { timing: "slow" })).toMatchObject({ status: 400 });
});
