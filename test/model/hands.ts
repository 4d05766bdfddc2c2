// What hands do to a gateway behind our back. Every one of these is repaired by the next deploy.
import {
  type Api,
  CreateDeploymentCommand,
  CreateIntegrationCommand,
  CreateRouteCommand,
  DeleteIntegrationCommand,
  DeleteRouteCommand,
  DeleteStageCommand,
  TagResourceCommand as TagApiCommand,
  UpdateApiCommand,
  UpdateIntegrationCommand,
  UpdateRouteCommand,
  UpdateStageCommand,
} from "@aws-sdk/client-apigatewayv2";
import {
  DeleteLogGroupCommand,
  DeleteRetentionPolicyCommand,
  PutRetentionPolicyCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import {
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  PutRolePolicyCommand,
  TagRoleCommand,
  UntagRoleCommand,
  UpdateAssumeRolePolicyCommand,
  UpdateRoleCommand,
} from "@aws-sdk/client-iam";
import {
  AddPermissionCommand,
  DeleteFunctionCommand,
  RemovePermissionCommand,
  TagResourceCommand as TagFunctionCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { zipSync } from "fflate";
import { clients } from "../support/account.ts";
import type { TestAws } from "../support/local-aws.ts";
import { GATEWAY, integrationIds, ourApis, removeApi, removeRole, routes } from "./gateway.ts";

type Hand = (aws: TestAws) => Promise<unknown>;

const { functionName: FunctionName, roleName: RoleName, logGroupName, stageName: StageName } = GATEWAY;
const NOBODY = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Deny", Action: "*", Resource: "*" }],
});

/** By what they do. Each changes one thing; what is not there they leave alone. */
export const EDITS: Readonly<Record<string, Hand>> = {
  "configure the function": (aws) =>
    clients(aws).lambda.send(
      new UpdateFunctionConfigurationCommand({
        FunctionName,
        MemorySize: 128,
        Environment: { Variables: { BY: "hand" } },
      }),
    ),
  "replace the code": (aws) => {
    const ZipFile = zipSync({ "index.mjs": Buffer.from("export const handler = () => 1;") });
    return clients(aws).lambda.send(new UpdateFunctionCodeCommand({ FunctionName, ZipFile }));
  },
  "tag the function": (aws) => {
    const Resource = `arn:aws:lambda:eu-west-1:${aws.account}:function:${FunctionName}`;
    return clients(aws).lambda.send(new TagFunctionCommand({ Resource, Tags: { by: "hand" } }));
  },
  "open the permission": async (aws) => {
    const { lambda } = clients(aws);
    const StatementId = GATEWAY.statementId;
    await lambda.send(new RemovePermissionCommand({ FunctionName, StatementId }));
    const Principal = "apigateway.amazonaws.com";
    await lambda.send(
      new AddPermissionCommand({ FunctionName, StatementId, Principal, Action: "lambda:InvokeFunction" }),
    );
  },
  "trust another service": (aws) => {
    const statement = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "ec2.amazonaws.com" } };
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement: [statement] });
    return clients(aws).iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
  },
  "change the role's policy": (aws) =>
    clients(aws).iam.send(new PutRolePolicyCommand({ RoleName, PolicyName: "llm-gw", PolicyDocument: NOBODY })),
  "describe the role": (aws) => clients(aws).iam.send(new UpdateRoleCommand({ RoleName, Description: "by hand" })),
  "tag the role": (aws) =>
    clients(aws).iam.send(new TagRoleCommand({ RoleName, Tags: [{ Key: "team", Value: "hand" }] })),
  "untag the role": (aws) => clients(aws).iam.send(new UntagRoleCommand({ RoleName, TagKeys: ["team"] })),
  "keep logs for a day": (aws) =>
    clients(aws).logs.send(new PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 })),
  "keep logs for ever": (aws) => clients(aws).logs.send(new DeleteRetentionPolicyCommand({ logGroupName })),
  "rename the API": inApi((aws, { ApiId }) =>
    clients(aws).apigateway.send(new UpdateApiCommand({ ApiId, Name: "renamed", DisableExecuteApiEndpoint: true })),
  ),
  "tag the API": inApi((aws, { ApiId }) => {
    const ResourceArn = `arn:aws:apigateway:eu-west-1::/apis/${ApiId}`;
    return clients(aws).apigateway.send(new TagApiCommand({ ResourceArn, Tags: { by: "hand" } }));
  }),
  "allow origins": inApi((aws, { ApiId }) => {
    const CorsConfiguration = { AllowOrigins: ["https://example.com"] };
    return clients(aws).apigateway.send(new UpdateApiCommand({ ApiId, CorsConfiguration }));
  }),
  "shorten the integration's time": inApi(async (aws, { ApiId }) => {
    const [IntegrationId] = await integrationIds(aws, ApiId);
    if (IntegrationId === undefined) return;
    const input = { ApiId, IntegrationId, TimeoutInMillis: 1_000 };
    await clients(aws).apigateway.send(new UpdateIntegrationCommand(input));
  }),
  "make a second integration": inApi((aws, { ApiId }) =>
    clients(aws).apigateway.send(
      new CreateIntegrationCommand({
        ApiId,
        IntegrationType: "AWS_PROXY",
        IntegrationUri: `arn:aws:lambda:eu-west-1:${aws.account}:function:${FunctionName}`,
        PayloadFormatVersion: "2.0",
      }),
    ),
  ),
  "open a route": inApi(async (aws, { ApiId }) => {
    const [route] = await routes(aws, ApiId);
    if (route === undefined) return;
    const input = { ApiId, RouteId: route.RouteId, AuthorizationType: "NONE" as const };
    await clients(aws).apigateway.send(new UpdateRouteCommand(input));
  }),
  "add a route": inApi(async (aws, { ApiId }) => {
    const [id] = await integrationIds(aws, ApiId);
    const input = { ApiId, RouteKey: "GET /by-hand", Target: `integrations/${id}` };
    return clients(aws).apigateway.send(new CreateRouteCommand(input));
  }),
  "throttle the stage": inApi((aws, { ApiId }) => {
    const throttle = { ThrottlingBurstLimit: 1, ThrottlingRateLimit: 1 };
    const input = { ApiId, StageName, DefaultRouteSettings: throttle };
    return clients(aws).apigateway.send(new UpdateStageCommand(input));
  }),
  "deploy the API by hand": inApi((aws, { ApiId }) =>
    clients(aws).apigateway.send(new CreateDeploymentCommand({ ApiId, StageName, Description: "by hand" })),
  ),
  "let the stage deploy by itself": inApi((aws, { ApiId }) =>
    clients(aws).apigateway.send(new UpdateStageCommand({ ApiId, StageName, AutoDeploy: true })),
  ),
};

export const DELETIONS: Readonly<Record<string, Hand>> = {
  "the function": (aws) => clients(aws).lambda.send(new DeleteFunctionCommand({ FunctionName })),
  "the permission": (aws) =>
    clients(aws).lambda.send(new RemovePermissionCommand({ FunctionName, StatementId: GATEWAY.statementId })),
  "the role": removeRole,
  "the role's policy": (aws) => clients(aws).iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "llm-gw" })),
  "the attachment": (aws) =>
    clients(aws).iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: GATEWAY.policyArn })),
  "the log group": (aws) => clients(aws).logs.send(new DeleteLogGroupCommand({ logGroupName })),
  "the API": removeApi,
  "the stage": inApi((aws, { ApiId }) => clients(aws).apigateway.send(new DeleteStageCommand({ ApiId, StageName }))),
  "a route": inApi(async (aws, { ApiId }) => {
    const [route] = await routes(aws, ApiId);
    if (route !== undefined)
      await clients(aws).apigateway.send(new DeleteRouteCommand({ ApiId, RouteId: route.RouteId }));
  }),
  "routes and integrations": inApi(async (aws, { ApiId }) => {
    const { apigateway } = clients(aws);
    for (const { RouteId } of await routes(aws, ApiId))
      await apigateway.send(new DeleteRouteCommand({ ApiId, RouteId }));
    for (const IntegrationId of await integrationIds(aws, ApiId)) {
      await apigateway.send(new DeleteIntegrationCommand({ ApiId, IntegrationId }));
    }
  }),
};

/** Lets a hand do its work; nothing is done to what is not there, or not as it was thought to be. */
export async function apply(hand: Hand | undefined, aws: TestAws): Promise<void> {
  await hand?.(aws).catch((error: unknown) => {
    const status = error instanceof Error && "$metadata" in error ? error.name : undefined;
    if (status === undefined) throw error;
  });
}

function inApi(work: (aws: TestAws, api: Api) => Promise<unknown>): Hand {
  return async (aws) => {
    const [api] = await ourApis(aws);
    return api && work(aws, api);
  };
}
