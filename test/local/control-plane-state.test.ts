import * as api from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand, paginateDescribeLogGroups } from "@aws-sdk/client-cloudwatch-logs";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  paginateListAttachedRolePolicies,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import * as lambda from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import {
  BASIC_EXECUTION,
  createFunction,
  createRole,
  ECHO,
  LAMBDA_TRUST,
  refusal,
  startAccount,
  type TestAccount,
  trust,
  zipOf,
} from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  // The account compares clocks and sets no timers, so the tests move its clock.
  vi.useFakeTimers({ toFake: ["Date"] });
  aws = await startAccount({ timing: { functionSettleMs: 1000, rolePropagationMs: 5000, pageSize: 2 } });
});
afterEach(async () => {
  vi.useRealTimers();
  await aws.close();
});

function pass(ms: number): void {
  vi.setSystemTime(Date.now() + ms);
}

const FunctionName = "f";

test("Lambda cannot assume a role before it has propagated", async () => {
  const Role = await createRole(aws);
  pass(4999);
  expect(await refusal(createFunction(aws, "f", { Role }))).toMatchObject({
    name: "InvalidParameterValueException",
    message: "The role defined for the function cannot be assumed by Lambda.",
  });
  pass(1);
  expect(await createFunction(aws, "f", { Role })).toMatchObject({ State: "Pending" });
});

test("a changed trust policy propagates like a new role", async () => {
  await aws.iam.send(new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument: trust("ec2.amazonaws.com") }));
  await aws.iam.send(new UpdateAssumeRolePolicyCommand({ RoleName: "r", PolicyDocument: LAMBDA_TRUST }));
  const Role = "arn:aws:iam::000000000000:role/r";
  expect((await refusal(createFunction(aws, "f", { Role }))).name).toBe("InvalidParameterValueException");
  pass(5000);
  await createFunction(aws, "f", { Role });
});

test("a pending function refuses to be invoked, changed and deleted, and takes permissions", async () => {
  const Role = await createRole(aws);
  pass(5000);
  const created = await createFunction(aws, "f", { Role });
  expect(created).toMatchObject({ State: "Pending", StateReasonCode: "Creating" });
  expect(created.LastUpdateStatus).toBeUndefined();
  const pending = {
    name: "ResourceConflictException",
    status: 409,
    message:
      "The operation cannot be performed at this time. The function is currently in the following state: Pending",
  };
  expect(await refusal(aws.lambda.send(new lambda.InvokeCommand({ FunctionName })))).toMatchObject(pending);
  expect(
    await refusal(aws.lambda.send(new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile: ECHO }))),
  ).toMatchObject(pending);
  expect(await refusal(aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName })))).toMatchObject(pending);
  await aws.lambda.send(
    new lambda.AddPermissionCommand({
      FunctionName,
      StatementId: "s",
      Action: "lambda:InvokeFunction",
      Principal: "*",
    }),
  );
  pass(1000);
  const active = await aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }));
  expect(active).toMatchObject({ State: "Active", LastUpdateStatus: "Successful" });
  expect(active.RevisionId).not.toBe(created.RevisionId);
});

test("while an update is in progress the previous version serves and nothing else may change", async () => {
  await settledFunction();
  const version = zipOf("export const handler = async () => 'new';");
  const updated = await aws.lambda.send(
    new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile: version, Architectures: ["arm64"] }),
  );
  expect(updated).toMatchObject({ State: "Active", LastUpdateStatus: "InProgress", Architectures: ["arm64"] });
  expect(
    await refusal(aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, Timeout: 9 }))),
  ).toMatchObject({
    name: "ResourceConflictException",
    message:
      "The operation cannot be performed at this time. An update is in progress for resource: arn:aws:lambda:us-east-1:000000000000:function:f",
  });
  expect(await invoke()).toEqual({});
  pass(1000);
  expect(await invoke()).toBe("new");
  const settled = await aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }));
  expect(settled.LastUpdateStatus).toBe("Successful");
  expect(settled.RevisionId).not.toBe(updated.RevisionId);
});

test("a configuration update merges; only an explicit empty value clears", async () => {
  await settledFunction({ Environment: { Variables: { AB: "1" } }, Timeout: 7, Description: "d" });
  const update = async (input: Omit<lambda.UpdateFunctionConfigurationCommandInput, "FunctionName">) => {
    const answer = await aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
    pass(1000);
    return answer;
  };
  expect(await update({ MemorySize: 256, Environment: {} })).toMatchObject({
    Timeout: 7,
    MemorySize: 256,
    Description: "d",
    Environment: { Variables: { AB: "1" } },
  });
  const cleared = await update({
    Description: "",
    Environment: { Variables: {} },
    LoggingConfig: { LogFormat: "Text" },
  });
  expect(cleared).toMatchObject({
    Description: "",
    Environment: { Variables: {} },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/f" },
  });
  const moved = await update({ LoggingConfig: { LogGroup: "/other" } });
  expect(moved.LoggingConfig).toEqual({ LogFormat: "Text", LogGroup: "/other" });
});

test("a dry run and a change of the policy leave the code alone", async () => {
  await settledFunction();
  const dry = await aws.lambda.send(
    new lambda.UpdateFunctionCodeCommand({ FunctionName, ZipFile: zipOf("export {}"), DryRun: true }),
  );
  expect(dry.LastUpdateStatus).toBe("Successful");
  await aws.lambda.send(
    new lambda.AddPermissionCommand({ FunctionName, StatementId: "s", Action: "lambda:*", Principal: "123456789012" }),
  );
  const after = await aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName }));
  expect(after.RevisionId).not.toBe(dry.RevisionId);
});

test("every listing comes in pages", async () => {
  for (const n of [1, 2, 3, 4, 5]) {
    await aws.api.send(new api.CreateApiCommand({ Name: "same", ProtocolType: "HTTP" }));
    await aws.logs.send(new CreateLogGroupCommand({ logGroupName: `g${n}` }));
  }
  const ids: (string | undefined)[] = [];
  let NextToken: string | undefined;
  let pages = 0;
  do {
    const page = await aws.api.send(new api.GetApisCommand({ NextToken }));
    ids.push(...(page.Items ?? []).map((item) => item.ApiId));
    NextToken = page.NextToken;
    pages += 1;
  } while (NextToken !== undefined);
  expect([new Set(ids).size, ids.length, pages]).toEqual([5, 5, 3]);
  expect((await aws.api.send(new api.GetApisCommand({ MaxResults: "500" }))).Items).toHaveLength(2);

  const names: unknown[] = [];
  for await (const page of paginateDescribeLogGroups({ client: aws.logs, pageSize: 2 }, { logGroupNamePrefix: "g" })) {
    names.push(page.logGroups?.map((group) => group.logGroupName));
  }
  expect(names).toEqual([["g1", "g2"], ["g3", "g4"], ["g5"]]);

  await createRole(aws);
  const arns = [BASIC_EXECUTION, "arn:aws:iam::aws:policy/ReadOnlyAccess"];
  for (const PolicyArn of arns) await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "fn-role", PolicyArn }));
  const attached: unknown[] = [];
  for await (const page of paginateListAttachedRolePolicies(
    { client: aws.iam, pageSize: 1 },
    { RoleName: "fn-role" },
  )) {
    attached.push(...(page.AttachedPolicies ?? []).map((policy) => policy.PolicyArn));
  }
  expect(attached.sort()).toEqual(arns.sort());
});

test("a deployment is a snapshot: later changes do not reach it", async () => {
  const { ApiId, IntegrationId } = await apiWithRoute();
  const first = await aws.api.send(new api.CreateDeploymentCommand({ ApiId, Description: "one" }));
  await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "prod", DeploymentId: first.DeploymentId }));
  await aws.api.send(
    new api.CreateRouteCommand({ ApiId, RouteKey: "GET /b", Target: `integrations/${IntegrationId}` }),
  );
  // 500: the route is served and its function is missing. 404: the stage does not know the route.
  const statusOf = async (path: string) => (await fetch(`${aws.url}/execute-api/${ApiId}/prod${path}`)).status;
  expect([await statusOf("/a"), await statusOf("/b")]).toEqual([500, 404]);
  await aws.api.send(new api.CreateDeploymentCommand({ ApiId, StageName: "prod" }));
  expect([await statusOf("/a"), await statusOf("/b")]).toEqual([500, 500]);
  await aws.api.send(new api.UpdateStageCommand({ ApiId, StageName: "prod", DeploymentId: first.DeploymentId }));
  expect(await statusOf("/b")).toBe(404);
});

test("with autoDeploy every change makes a deployment and moves the stage", async () => {
  const empty = await aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }));
  const unrouted = await aws.api.send(
    new api.CreateStageCommand({ ApiId: empty.ApiId, StageName: "auto", AutoDeploy: true }),
  );
  expect(unrouted.LastDeploymentStatusMessage).toContain("no routes exist in this API");

  const { ApiId, IntegrationId } = await apiWithRoute();
  const stage = await aws.api.send(new api.CreateStageCommand({ ApiId, StageName: "auto", AutoDeploy: true }));
  await aws.api.send(new api.UpdateIntegrationCommand({ ApiId, IntegrationId, TimeoutInMillis: 1000 }));
  const moved = await aws.api.send(new api.GetStageCommand({ ApiId, StageName: "auto" }));
  expect(moved.DeploymentId).not.toBe(stage.DeploymentId);
  expect(moved.LastDeploymentStatusMessage).toBe(
    `Successfully deployed stage with deployment ID '${moved.DeploymentId}'`,
  );
  expect(await aws.api.send(new api.GetDeploymentCommand({ ApiId, DeploymentId: moved.DeploymentId }))).toMatchObject({
    AutoDeployed: true,
    DeploymentStatus: "DEPLOYED",
  });
});

test("stage settings merge, and route settings go with their own call", async () => {
  const { ApiId } = await apiWithRoute();
  const StageName = "prod";
  await aws.api.send(
    new api.CreateStageCommand({
      ApiId,
      StageName,
      Description: "d",
      DefaultRouteSettings: { ThrottlingRateLimit: 3 },
      RouteSettings: { "GET /a": { ThrottlingBurstLimit: 4 } },
      StageVariables: { a: "1", b: "2" },
    }),
  );
  const stage = await aws.api.send(
    new api.UpdateStageCommand({
      ApiId,
      StageName,
      Description: "",
      DefaultRouteSettings: { ThrottlingBurstLimit: 9 },
      StageVariables: { a: "" },
    }),
  );
  expect(stage).toMatchObject({
    Description: "d",
    DefaultRouteSettings: { ThrottlingRateLimit: 3, ThrottlingBurstLimit: 9 },
    StageVariables: { b: "2" },
  });
  await aws.api.send(new api.DeleteRouteSettingsCommand({ ApiId, StageName, RouteKey: "GET /a" }));
  expect((await aws.api.send(new api.GetStageCommand({ ApiId, StageName }))).RouteSettings).toEqual({});
});

async function apiWithRoute() {
  const { ApiId } = await aws.api.send(new api.CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }));
  const { IntegrationId } = await aws.api.send(
    new api.CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri:
        "arn:aws:apigateway:us-east-1:lambda:path/2015-03-31/functions/arn:aws:lambda:us-east-1:000000000000:function:none/invocations",
      PayloadFormatVersion: "2.0",
    }),
  );
  await aws.api.send(
    new api.CreateRouteCommand({ ApiId, RouteKey: "GET /a", Target: `integrations/${IntegrationId}` }),
  );
  return { ApiId, IntegrationId };
}

async function settledFunction(input: Partial<lambda.CreateFunctionCommandInput> = {}): Promise<void> {
  const Role = await createRole(aws);
  pass(5000);
  await createFunction(aws, FunctionName, { ...input, Role });
  pass(1000);
}

async function invoke(): Promise<unknown> {
  const { Payload } = await aws.lambda.send(new lambda.InvokeCommand({ FunctionName, Payload: "{}" }));
  return JSON.parse(Buffer.from(Payload ?? []).toString());
}
