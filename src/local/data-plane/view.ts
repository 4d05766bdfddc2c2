import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../credentials.ts";
import { allows, type Caller } from "../function-policy.ts";
import { functionArnOf } from "../services/apigatewayv2-integrations.ts";
import { permittedOf, qualifiedByArn, runnable } from "../services/lambda-qualifiers.ts";
import type { Account, Deployment, RouteSettings } from "../store.ts";
import type { DataPlaneAccount, DeployedRoute, DeployedStage } from "./account.ts";

/** The account's own limits, which fill in the half of a throttle a stage leaves out [aws 5.4]. */
const ACCOUNT_THROTTLE = { rate: 10_000, burst: 5_000 };

/** The account as the data plane sees it: what is deployed and settled, never what is being edited. */
export function dataPlaneView(account: Account): DataPlaneAccount {
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
    functionVersion: (functionArn) => {
      const found = qualifiedByArn(account, functionArn);
      return found && runnable(found);
    },
    mayInvoke: (functionArn, sourceArn) => {
      const context = { "aws:sourcearn": sourceArn, "aws:sourceaccount": account.accountId };
      const caller: Caller = { action: "lambda:InvokeFunction", service: "apigateway.amazonaws.com", context };
      const found = qualifiedByArn(account, functionArn);
      return found !== undefined && permittedOf(found).policy.some((one) => allows(one, caller));
    },
    secretAccessKey: (accessKeyId) => (accessKeyId === LOCAL_ACCESS_KEY_ID ? LOCAL_SECRET_ACCESS_KEY : undefined),
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
