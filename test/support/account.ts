import {
  ApiGatewayV2Client,
  GetApisCommand,
  GetDeploymentsCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
  GetStagesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import {
  IAMClient,
  ListAttachedRolePoliciesCommand,
  ListRolePoliciesCommand,
  ListRolesCommand,
} from "@aws-sdk/client-iam";
import { GetPolicyCommand, LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import type { TestAws } from "./local-aws.ts";

export function clients(aws: TestAws) {
  return {
    iam: new IAMClient(aws.client),
    lambda: new LambdaClient(aws.client),
    apigateway: new ApiGatewayV2Client(aws.client),
    logs: new CloudWatchLogsClient(aws.client),
  };
}

/** Everything in the account, without what differs between two equal gateways (ids, dates). */
export async function inventory(aws: TestAws) {
  const { iam, lambda, apigateway, logs } = clients(aws);
  const roles = (await iam.send(new ListRolesCommand({}))).Roles ?? [];
  const functions = (await lambda.send(new ListFunctionsCommand({}))).Functions ?? [];
  const apis = (await apigateway.send(new GetApisCommand({}))).Items ?? [];
  const groups = (await logs.send(new DescribeLogGroupsCommand({}))).logGroups ?? [];
  return {
    roles: await Promise.all(
      roles.map(async ({ RoleName }) => {
        const attached = await iam.send(new ListAttachedRolePoliciesCommand({ RoleName }));
        const inline = await iam.send(new ListRolePoliciesCommand({ RoleName }));
        return {
          RoleName,
          attached: attached.AttachedPolicies?.map(({ PolicyName }) => PolicyName),
          inline: inline.PolicyNames,
        };
      }),
    ),
    functions: await Promise.all(
      functions.map(async ({ FunctionName, Runtime, Handler, Timeout, MemorySize, CodeSha256, Role, Environment }) => {
        const policy = await lambda.send(new GetPolicyCommand({ FunctionName })).catch(() => undefined);
        const statements: { Sid: string }[] = policy?.Policy ? JSON.parse(policy.Policy).Statement : [];
        const Variables = Environment?.Variables;
        return {
          ...{ FunctionName, Runtime, Handler, Timeout, MemorySize, CodeSha256, Role, Variables },
          statements: statements.map(({ Sid }) => Sid),
        };
      }),
    ),
    apis: await Promise.all(
      apis.map(async ({ ApiId, Name, Tags }) => {
        const [integrations, routes, stages, deployments] = await Promise.all([
          apigateway.send(new GetIntegrationsCommand({ ApiId })),
          apigateway.send(new GetRoutesCommand({ ApiId })),
          apigateway.send(new GetStagesCommand({ ApiId })),
          apigateway.send(new GetDeploymentsCommand({ ApiId })),
        ]);
        return {
          ...{ Name, Tags },
          integrations: integrations.Items?.map(({ IntegrationUri }) => IntegrationUri),
          routes: routes.Items?.map(({ RouteKey, AuthorizationType }) => `${RouteKey} ${AuthorizationType}`).sort(),
          stages: stages.Items?.map(({ StageName, DefaultRouteSettings }) => ({ StageName, DefaultRouteSettings })),
          deployments: deployments.Items?.map(({ Description }) => Description).sort(),
        };
      }),
    ),
    logGroups: groups.map(({ logGroupName, retentionInDays }) => ({ logGroupName, retentionInDays })),
  };
}

export const EMPTY_ACCOUNT = { roles: [], functions: [], apis: [], logGroups: [] };
