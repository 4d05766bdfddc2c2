// Invariant 6: whatever a hand does to a gateway, the next deploy repairs.
import {
  CreateStageCommand,
  DeleteApiCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  DeleteStageCommand,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStageCommand,
  UpdateApiCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  CreateLogGroupCommand,
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  TagRoleCommand,
  UpdateAssumeRolePolicyCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  GetPolicyCommand,
  RemovePermissionCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { describe, expect, test } from "vitest";
import { clients, inventory } from "../support/account.ts";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const deploy = () => llmGwJson(folder, aws.env, ["deploy"]);

describe("6: what a hand deleted or edited is repaired", () => {
  const FunctionName = "llm-gw-prod";
  const RoleName = "llm-gw-prod-eu-west-1";
  const PolicyArn = "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole";
  const trust = JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Principal: { Service: ["lambda.amazonaws.com", "ec2.amazonaws.com"] },
        Action: "sts:AssumeRole",
      },
    ],
  });

  async function ids() {
    const { apigateway } = clients(aws);
    const { Items: apis } = await apigateway.send(new GetApisCommand({}));
    const ApiId = apis?.[0]?.ApiId;
    const { Items: routes } = await apigateway.send(new GetRoutesCommand({ ApiId }));
    const { Items: integrations } = await apigateway.send(new GetIntegrationsCommand({ ApiId }));
    return { ApiId, RouteId: routes?.[0]?.RouteId, IntegrationId: integrations?.[0]?.IntegrationId };
  }

  const HANDS: Record<string, () => Promise<unknown>> = {
    "the function is gone": () => clients(aws).lambda.send(new DeleteFunctionCommand({ FunctionName })),
    "the API is described otherwise": async () =>
      clients(aws).apigateway.send(new UpdateApiCommand({ ...(await ids()), Description: "by hand" })),
    "the API is gone": async () => clients(aws).apigateway.send(new DeleteApiCommand(await ids())),
    "the log group is gone": () =>
      clients(aws).logs.send(new DeleteLogGroupCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
    "the permission is gone": () =>
      clients(aws).lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: "llm-gw-api-gateway" })),
    "the stage is gone": async () =>
      clients(aws).apigateway.send(new DeleteStageCommand({ ...(await ids()), StageName: "prod" })),
    "routes and integration are gone": async () => {
      const all = await ids();
      const { Items: routes = [] } = await clients(aws).apigateway.send(new GetRoutesCommand({ ApiId: all.ApiId }));
      for (const { RouteId } of routes) {
        await clients(aws).apigateway.send(new DeleteRouteCommand({ ApiId: all.ApiId, RouteId }));
      }
      await clients(aws).apigateway.send(new DeleteIntegrationCommand(all));
    },
    "the attachment is gone": () => clients(aws).iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn })),
    "the inline policy is gone": () =>
      clients(aws).iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "llm-gw" })),
    "the role trusts somebody else, too": () =>
      clients(aws).iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust })),
    "the role has a tag more": () =>
      clients(aws).iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "by", Value: "hand" }] })),
    "the function is configured otherwise": () =>
      clients(aws).lambda.send(
        new UpdateFunctionConfigurationCommand({
          FunctionName,
          MemorySize: 128,
          Timeout: 3,
          Environment: { Variables: { BY: "hand" } },
        }),
      ),
    "the route is open": async () =>
      clients(aws).apigateway.send(new UpdateRouteCommand({ ...(await ids()), AuthorizationType: "NONE" })),
    "the stage is throttled otherwise": async () =>
      clients(aws).apigateway.send(
        new UpdateStageCommand({
          ...(await ids()),
          StageName: "prod",
          DefaultRouteSettings: { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 },
        }),
      ),
    "API Gateway may call the function for another account alone": async () => {
      const { lambda } = clients(aws);
      const StatementId = "llm-gw-api-gateway";
      const { Policy = "" } = await lambda.send(new GetPolicyCommand({ FunctionName }));
      const [SourceArn] = /arn:aws:execute-api:[^"]*/.exec(Policy) ?? [];
      await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
      const [Action, Principal] = ["lambda:InvokeFunction", "apigateway.amazonaws.com"];
      const statement = { FunctionName, StatementId, Action, Principal, SourceArn, SourceAccount: "111111111111" };
      await lambda.send(new AddPermissionCommand(statement));
    },
    "logs are kept for ever": () =>
      clients(aws).logs.send(new DeleteRetentionPolicyCommand({ logGroupName: `/aws/lambda/${FunctionName}` })),
  };

  test.each(Object.keys(HANDS))("%s", async (hand) => {
    await deploy();
    const before = await inventory(aws);
    await HANDS[hand]?.();
    const check = await llmGw(folder, aws.env, ["status", "--check"]);
    expect(check.code).toBe(3);
    await deploy();
    expect(await inventory(aws)).toEqual(before);
    expect(await deploy()).toMatchObject({ summary: { unchanged: 13 } });
    const answer = await llmGw(folder, aws.env, ["invoke", "--prompt", "again"]);
    expect(answer).toMatchObject({ code: 0, stdout: expect.stringContaining("again") });
  });

  test("a log group that was deleted is not made again by the function, and one made by hand is taken back", async () => {
    await deploy();
    const before = await inventory(aws);
    const logGroupName = `/aws/lambda/${FunctionName}`;
    await clients(aws).logs.send(new DeleteLogGroupCommand({ logGroupName }));
    await llmGw(folder, aws.env, ["invoke", "--prompt", "log something"]);
    expect((await inventory(aws)).logGroups).toEqual([]);
    await clients(aws).logs.send(new CreateLogGroupCommand({ logGroupName }));
    await deploy();
    expect(await inventory(aws)).toEqual(before);
  });

  test("a stage made by hand keeps the deployment it serves, and no deploy minds it", async () => {
    await deploy();
    const { ApiId } = await ids();
    const { apigateway } = clients(aws);
    const { DeploymentId } = await apigateway.send(new GetStageCommand({ ApiId, StageName: "prod" }));
    await apigateway.send(new CreateStageCommand({ ApiId, StageName: "canary", DeploymentId }));
    await llmGwJson(folder, aws.env, ["deploy", "--route", "POST /other"]);
    await deploy();
    expect(await deploy()).toMatchObject({ summary: { unchanged: 13 } });
    expect((await apigateway.send(new GetStageCommand({ ApiId, StageName: "canary" }))).DeploymentId).toBe(
      DeploymentId,
    );
  });
});
