import { secretOf } from "../credentials.ts";
import { functionArnOf } from "../services/apigatewayv2-integrations.ts";
import { settle } from "../services/lambda-state.ts";
import type { Account, Deployment, LambdaFunction, PolicyStatement, RouteSettings } from "../store.ts";
import type { DataPlaneAccount, DeployedRoute, DeployedStage } from "./account.ts";

/** The account's own limits, which fill in the half of a throttle a stage leaves out [aws 5.4]. */
const ACCOUNT_THROTTLE = { rate: 10_000, burst: 5_000 };

/** The account as the data plane sees it: what is deployed and settled, never what is being edited. */
export function dataPlaneView(account: Account): DataPlaneAccount {
  const functionOfArn = (arn: string): LambdaFunction | undefined => {
    const fn = account.functions.get(arn.slice(arn.lastIndexOf(":") + 1));
    if (fn?.arn !== arn) return undefined;
    settle(account, fn);
    return fn;
  };
  return {
    accountId: account.accountId,
    region: account.region,
    stage(apiId, stageName): DeployedStage | undefined {
      const api = account.apis.get(apiId);
      const stage = api?.stages.get(stageName);
      const deployment = api?.deployments.get(stage?.deploymentId ?? "");
      if (stage === undefined || deployment === undefined) return undefined;
      return { apiId, stageName, routes: deployedRoutes(deployment), throttle: throttleOf(stage.defaultRouteSettings) };
    },
    functionVersion: (functionArn) => functionOfArn(functionArn)?.serving,
    mayInvoke: (functionArn, sourceArn) =>
      functionOfArn(functionArn)?.policy.some((one) => allows(one, sourceArn, account.accountId)) ?? false,
    secretAccessKey: secretOf,
  };
}

function deployedRoutes(deployment: Deployment): DeployedRoute[] {
  return deployment.routes.flatMap((route) => {
    const integration = deployment.integrations.get(route.target?.replace(/^integrations\//, "") ?? "");
    const functionArn = functionArnOf(integration?.integrationUri ?? "");
    if (integration === undefined || functionArn === undefined) return [];
    const { payloadFormatVersion, timeoutInMillis: timeoutMs } = integration;
    const { routeKey, authorizationType } = route;
    if (authorizationType === "JWT" || authorizationType === "CUSTOM") return [];
    return [{ routeKey, authorizationType, integration: { functionArn, payloadFormatVersion, timeoutMs } }];
  });
}

function throttleOf(settings: RouteSettings): DeployedStage["throttle"] {
  const { throttlingRateLimit: rate, throttlingBurstLimit: burst } = settings;
  if (rate === undefined && burst === undefined) return undefined;
  return { rate: rate ?? ACCOUNT_THROTTLE.rate, burst: burst ?? ACCOUNT_THROTTLE.burst };
}

/** Whether the statement lets API Gateway invoke the function for this execute-api ARN [aws 4.7, 4.8]. */
function allows(statement: PolicyStatement, sourceArn: string, accountId: string): boolean {
  const { Principal: principal, Action: action, Condition: condition } = statement;
  if (principal !== "*" && principal.Service !== "apigateway.amazonaws.com") return false;
  if (!["lambda:InvokeFunction", "lambda:*", "*"].includes(action)) return false;
  const source = condition?.ArnLike?.["AWS:SourceArn"];
  const owner = condition?.StringEquals?.["AWS:SourceAccount"];
  return (source === undefined || arnLike(source, sourceArn)) && (owner === undefined || owner === accountId);
}

/** IAM's ArnLike: `*` and `?` match inside one of the six parts, never across a colon of the first five. */
function arnLike(pattern: string, arn: string): boolean {
  const wanted = sixParts(pattern);
  const given = sixParts(arn);
  return wanted.every((part, index) => wildcard(part).test(given[index] ?? ""));
}

function sixParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...Array.from({ length: 5 }, (_, index) => parts[index] ?? ""), parts.slice(5).join(":")];
}

function wildcard(pattern: string): RegExp {
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
    char === "*" ? ".*" : char === "?" ? "." : `\\${char}`,
  );
  return new RegExp(`^${source}$`, "s");
}
