// The one gateway that is deployed: its names, and what is there of it.
import {
  type Api,
  CreateApiCommand,
  DeleteApiCommand,
  GetApisCommand,
  GetIntegrationsCommand,
  GetRoutesCommand,
} from "@aws-sdk/client-apigatewayv2";
import { DeleteRoleCommand, DeleteRolePolicyCommand, DetachRolePolicyCommand } from "@aws-sdk/client-iam";
import { clients } from "../support/account.ts";
import type { TestAws } from "../support/local-aws.ts";

export const GATEWAY = {
  functionName: "llm-gw-prod",
  apiName: "llm-gw-prod",
  roleName: "llm-gw-prod-eu-west-1",
  logGroupName: "/aws/lambda/llm-gw-prod",
  stageName: "prod",
  statementId: "llm-gw-api-gateway",
  policyArn: "arn:aws:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole",
  ownerTags: { "llm-gw:gateway": "llm-gw", "llm-gw:stage": "prod" },
} as const;

/** The role with what hangs on it. */
export async function removeRole(aws: TestAws): Promise<void> {
  const { iam } = clients(aws);
  const { roleName: RoleName } = GATEWAY;
  const isGone = () => undefined;
  await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn: GATEWAY.policyArn })).catch(isGone);
  await iam.send(new DeleteRolePolicyCommand({ RoleName, PolicyName: "llm-gw" })).catch(isGone);
  await iam.send(new DeleteRoleCommand({ RoleName })).catch(isGone);
}

/** Another one with our name and tags, as a machine leaves it that dies while it deploys. */
export async function makeSecondApi(aws: TestAws): Promise<void> {
  const input = { Name: GATEWAY.apiName, ProtocolType: "HTTP" as const, Tags: { ...GATEWAY.ownerTags } };
  await clients(aws).apigateway.send(new CreateApiCommand(input));
}

/** Deletes them. */
export async function removeApi(aws: TestAws): Promise<void> {
  for (const { ApiId } of await ourApis(aws)) await clients(aws).apigateway.send(new DeleteApiCommand({ ApiId }));
}

/** Every API with our tags. */
export async function ourApis(aws: TestAws): Promise<Api[]> {
  const { Items = [] } = await clients(aws).apigateway.send(new GetApisCommand({}));
  return Items.filter(({ Tags }) => Object.entries(GATEWAY.ownerTags).every(([key, value]) => Tags?.[key] === value));
}

/** In the order of their keys. */
export async function routes(aws: TestAws, ApiId: string | undefined) {
  const { Items = [] } = await clients(aws).apigateway.send(new GetRoutesCommand({ ApiId }));
  return Items.toSorted((a, b) => ((a.RouteKey ?? "") < (b.RouteKey ?? "") ? -1 : 1));
}

export async function integrationIds(aws: TestAws, ApiId: string | undefined) {
  const { Items = [] } = await clients(aws).apigateway.send(new GetIntegrationsCommand({ ApiId }));
  return Items.flatMap(({ IntegrationId }) => IntegrationId ?? []);
}
