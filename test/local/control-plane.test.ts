import { createHash } from "node:crypto";
import {
  CreateApiCommand,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  CreateStageCommand,
  DeleteApiCommand,
  GetApiCommand,
  GetApisCommand,
  GetIntegrationCommand,
  GetRoutesCommand,
  GetStageCommand,
  GetTagsCommand,
  TagResourceCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DescribeLogGroupsCommand,
  FilterLogEventsCommand,
  ListTagsForResourceCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  AttachRolePolicyCommand,
  CreateRoleCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  GetRoleCommand,
  GetRolePolicyCommand,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
  ListRoleTagsCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  GetFunctionCommand,
  GetFunctionConfigurationCommand,
  GetPolicyCommand,
  InvokeCommand,
  ListFunctionsCommand,
  ListTagsCommand,
  RemovePermissionCommand,
  TagResourceCommand as TagFunctionCommand,
  UntagResourceCommand as UntagFunctionCommand,
} from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, test } from "vitest";
import {
  BASIC_EXECUTION,
  createFunction,
  createRole,
  ECHO,
  LAMBDA_TRUST,
  refusal,
  startAccount,
  type TestAccount,
} from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
});
afterEach(async () => {
  await aws.close();
});

test("STS names the account", async () => {
  const identity = await aws.sts.send(new GetCallerIdentityCommand({}));
  expect(identity).toMatchObject({ Account: "000000000000", Arn: "arn:aws:iam::000000000000:user/llm-gw-local" });
});

test("a role is created, read, changed and deleted", async () => {
  const { Role } = await aws.iam.send(
    new CreateRoleCommand({
      RoleName: "r",
      Path: "/llm-gw/",
      AssumeRolePolicyDocument: LAMBDA_TRUST,
      Description: `<a & "b">`,
      Tags: [{ Key: "owner", Value: "me" }],
    }),
  );
  expect(Role?.Arn).toBe("arn:aws:iam::000000000000:role/llm-gw/r");
  expect(Role?.CreateDate).toBeInstanceOf(Date);
  expect(Role?.AssumeRolePolicyDocument).toMatch(/^%7B%22Version%22/);

  await aws.iam.send(new UpdateRoleCommand({ RoleName: "r", Description: "" }));
  await aws.iam.send(new TagRoleCommand({ RoleName: "r", Tags: [{ Key: "team", Value: "" }] }));
  await aws.iam.send(new UntagRoleCommand({ RoleName: "r", TagKeys: ["owner"] }));
  const read = await aws.iam.send(new GetRoleCommand({ RoleName: "r" }));
  expect(read.Role).toMatchObject({ Description: "", MaxSessionDuration: 3600, Tags: [{ Key: "team", Value: "" }] });
  expect(decodeURIComponent(read.Role?.AssumeRolePolicyDocument ?? "")).toBe(LAMBDA_TRUST);
  expect((await aws.iam.send(new ListRoleTagsCommand({ RoleName: "r" }))).Tags).toEqual([{ Key: "team", Value: "" }]);
  expect((await aws.iam.send(new ListRolesCommand({}))).Roles?.[0]).not.toHaveProperty("Tags");

  const document = JSON.stringify({
    Statement: { Effect: "Allow", Action: "s3:Get*", Resource: "arn:aws:s3:::b/(1)" },
  });
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "r", PolicyArn: BASIC_EXECUTION }));
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "r", PolicyArn: BASIC_EXECUTION }));
  await aws.iam.send(new PutRolePolicyCommand({ RoleName: "r", PolicyName: "p", PolicyDocument: document }));
  const attached = await aws.iam.send(new ListAttachedRolePoliciesCommand({ RoleName: "r" }));
  expect(attached.AttachedPolicies).toEqual([
    { PolicyName: "AWSLambdaBasicExecutionRole", PolicyArn: BASIC_EXECUTION },
  ]);
  expect((await aws.iam.send(new ListRolePoliciesCommand({ RoleName: "r" }))).PolicyNames).toEqual(["p"]);
  const inline = await aws.iam.send(new GetRolePolicyCommand({ RoleName: "r", PolicyName: "p" }));
  expect(inline.PolicyDocument).toContain("%28");
  expect(decodeURIComponent(inline.PolicyDocument ?? "")).toBe(document);

  await aws.iam.send(new DetachRolePolicyCommand({ RoleName: "r", PolicyArn: BASIC_EXECUTION }));
  await aws.iam.send(new DeleteRolePolicyCommand({ RoleName: "r", PolicyName: "p" }));
  await aws.iam.send(new DeleteRoleCommand({ RoleName: "r" }));
  expect(await refusal(aws.iam.send(new GetRoleCommand({ RoleName: "r" })))).toMatchObject({
    name: "NoSuchEntityException",
    message: "The role with name r cannot be found.",
  });
});

test("a function is created, read, permitted, tagged and deleted", async () => {
  const created = await createFunction(aws, "f", { Environment: { Variables: { AB: "1" } }, Tags: { owner: "me" } });
  expect(created.State).toBe("Pending");
  const { Configuration, Code, Tags } = await aws.lambda.send(new GetFunctionCommand({ FunctionName: "f" }));
  expect(Configuration).toMatchObject({
    FunctionArn: "arn:aws:lambda:us-east-1:000000000000:function:f",
    State: "Active",
    LastUpdateStatus: "Successful",
    Timeout: 3,
    MemorySize: 128,
    Description: "",
    PackageType: "Zip",
    Architectures: ["x86_64"],
    EphemeralStorage: { Size: 512 },
    TracingConfig: { Mode: "PassThrough" },
    Environment: { Variables: { AB: "1" } },
    LoggingConfig: { LogFormat: "Text", LogGroup: "/aws/lambda/f" },
    CodeSize: ECHO.length,
    CodeSha256: createHash("sha256").update(ECHO).digest("base64"),
  });
  expect(Code?.Location).toBeDefined();
  expect(Tags).toEqual({ owner: "me" });
  const listed = await aws.lambda.send(new ListFunctionsCommand({}));
  expect(listed.Functions?.map((one) => [one.FunctionName, one.State])).toEqual([["f", undefined]]);

  const FunctionName = Configuration?.FunctionArn ?? "";
  const { Statement } = await aws.lambda.send(
    new AddPermissionCommand({
      FunctionName,
      StatementId: "s",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      SourceArn: "arn:aws:execute-api:us-east-1:000000000000:abc/*/*/inference",
    }),
  );
  const statement = {
    Sid: "s",
    Effect: "Allow",
    Principal: { Service: "apigateway.amazonaws.com" },
    Action: "lambda:InvokeFunction",
    Resource: FunctionName,
    Condition: { ArnLike: { "AWS:SourceArn": "arn:aws:execute-api:us-east-1:000000000000:abc/*/*/inference" } },
  };
  expect(JSON.parse(Statement ?? "")).toEqual(statement);
  const { Policy } = await aws.lambda.send(new GetPolicyCommand({ FunctionName }));
  expect(JSON.parse(Policy ?? "")).toEqual({ Version: "2012-10-17", Id: "default", Statement: [statement] });
  await aws.lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: "s" }));

  await aws.lambda.send(new TagFunctionCommand({ Resource: FunctionName, Tags: { a: "1", b: "2" } }));
  await aws.lambda.send(new UntagFunctionCommand({ Resource: FunctionName, TagKeys: ["owner", "a"] }));
  expect((await aws.lambda.send(new ListTagsCommand({ Resource: FunctionName }))).Tags).toEqual({ b: "2" });
  await aws.lambda.send(new DeleteFunctionCommand({ FunctionName }));
  expect(await refusal(aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName })))).toMatchObject({
    name: "ResourceNotFoundException",
    status: 404,
    message: `Function not found: ${FunctionName}`,
  });
});

test("an invoked function answers, and its log group comes into being bare", async () => {
  await createFunction(aws, "f");
  const invoked = await aws.lambda.send(
    new InvokeCommand({ FunctionName: "f", Payload: JSON.stringify({ say: "hello" }), LogType: "Tail" }),
  );
  expect(invoked).toMatchObject({ StatusCode: 200, ExecutedVersion: "$LATEST" });
  expect(JSON.parse(Buffer.from(invoked.Payload ?? []).toString())).toEqual({ say: "hello" });
  expect(Buffer.from(invoked.LogResult ?? "", "base64").toString()).toContain("got hello");
  const { events } = await aws.logs.send(
    new FilterLogEventsCommand({ logGroupName: "/aws/lambda/f", filterPattern: "got" }),
  );
  expect(events?.map((event) => event.message?.includes("got hello"))).toEqual([true]);
  const { logGroups } = await aws.logs.send(new DescribeLogGroupsCommand({}));
  expect(logGroups?.map((group) => [group.logGroupName, group.retentionInDays])).toEqual([
    ["/aws/lambda/f", undefined],
  ]);

  expect(await aws.lambda.send(new InvokeCommand({ FunctionName: "f", InvocationType: "DryRun" }))).toMatchObject({
    StatusCode: 204,
  });
  expect(await aws.lambda.send(new InvokeCommand({ FunctionName: "f", InvocationType: "Event" }))).toMatchObject({
    StatusCode: 202,
  });
});

test("an API with integration, route, deployment and stage is created, read and deleted whole", async () => {
  const functionArn = "arn:aws:lambda:us-east-1:000000000000:function:not-there-yet";
  const api = await aws.api.send(new CreateApiCommand({ Name: "a", ProtocolType: "HTTP", Tags: { owner: "me" } }));
  const ApiId = api.ApiId ?? "";
  expect(api).toMatchObject({
    ApiEndpoint: `${aws.url}/execute-api/${ApiId}`,
    RouteSelectionExpression: "$request.method $request.path",
    DisableExecuteApiEndpoint: false,
    Tags: { owner: "me" },
  });
  expect(api.CreatedDate).toBeInstanceOf(Date);
  const { IntegrationId } = await aws.api.send(
    new CreateIntegrationCommand({
      ApiId,
      IntegrationType: "AWS_PROXY",
      IntegrationUri: functionArn,
      PayloadFormatVersion: "2.0",
    }),
  );
  expect(await aws.api.send(new GetIntegrationCommand({ ApiId, IntegrationId }))).toMatchObject({
    IntegrationUri: functionArn,
    TimeoutInMillis: 30_000,
    ConnectionType: "INTERNET",
    IntegrationMethod: "POST",
  });
  await aws.api.send(
    new CreateRouteCommand({ ApiId, RouteKey: "POST /inference", Target: `integrations/${IntegrationId}` }),
  );
  expect((await aws.api.send(new GetRoutesCommand({ ApiId }))).Items).toMatchObject([
    { RouteKey: "POST /inference", AuthorizationType: "NONE", ApiKeyRequired: false },
  ]);
  const { DeploymentId } = await aws.api.send(new CreateDeploymentCommand({ ApiId, Description: "fingerprint" }));
  await aws.api.send(
    new CreateStageCommand({
      ApiId,
      StageName: "$default",
      DeploymentId,
      DefaultRouteSettings: { ThrottlingRateLimit: 2.5, ThrottlingBurstLimit: 5 },
      RouteSettings: { "POST /inference": { ThrottlingBurstLimit: 1 } },
    }),
  );
  const stage = await aws.api.send(new GetStageCommand({ ApiId, StageName: "$default" }));
  expect(stage).toMatchObject({
    DeploymentId,
    AutoDeploy: false,
    DefaultRouteSettings: { ThrottlingRateLimit: 2.5, ThrottlingBurstLimit: 5, DetailedMetricsEnabled: false },
    RouteSettings: { "POST /inference": { ThrottlingBurstLimit: 1 } },
  });
  const ResourceArn = `arn:aws:apigateway:us-east-1::/apis/${ApiId}`;
  await aws.api.send(new TagResourceCommand({ ResourceArn, Tags: { team: "t" } }));
  expect((await aws.api.send(new GetTagsCommand({ ResourceArn }))).Tags).toEqual({ owner: "me", team: "t" });

  await aws.api.send(new DeleteApiCommand({ ApiId }));
  expect((await aws.api.send(new GetApisCommand({}))).Items).toEqual([]);
  expect(await refusal(aws.api.send(new GetApiCommand({ ApiId })))).toMatchObject({
    name: "NotFoundException",
    message: `Invalid API identifier specified 000000000000:${ApiId}`,
  });
});

test("a log group is created, kept for days, found and deleted", async () => {
  await aws.logs.send(new CreateLogGroupCommand({ logGroupName: "/aws/lambda/f", tags: { owner: "me" } }));
  await aws.logs.send(new PutRetentionPolicyCommand({ logGroupName: "/aws/lambda/f", retentionInDays: 14 }));
  const { logGroups } = await aws.logs.send(new DescribeLogGroupsCommand({ logGroupNamePrefix: "/aws/lambda/" }));
  const arn = "arn:aws:logs:us-east-1:000000000000:log-group:/aws/lambda/f";
  expect(logGroups).toMatchObject([{ retentionInDays: 14, arn: `${arn}:*`, logGroupArn: arn }]);
  expect((await aws.logs.send(new ListTagsForResourceCommand({ resourceArn: arn }))).tags).toEqual({ owner: "me" });
  await aws.logs.send(new DeleteLogGroupCommand({ logGroupName: "/aws/lambda/f" }));
  expect((await aws.logs.send(new DescribeLogGroupsCommand({}))).logGroups).toEqual([]);
});

test("another Region has its own ARNs", async () => {
  const frankfurt = await startAccount({ region: "eu-central-1" });
  try {
    await createRole(frankfurt);
    const fn = await createFunction(frankfurt, "f");
    expect(fn.FunctionArn).toBe("arn:aws:lambda:eu-central-1:000000000000:function:f");
  } finally {
    await frankfurt.close();
  }
});
