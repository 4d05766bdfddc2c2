import { functionArnOf } from "../arn.ts";
import type { JwtAuthorizer, RequestAuthorizer, Route } from "../store/apigatewayv2.ts";
import type { Deployed } from "./account.ts";
import { RouteTable } from "./route-table.ts";

/** One route of a deployment with what it refers to. */
export interface DeployedRoute {
  readonly routeKey: string;
  /** The path of the route key with its parameters as written; undefined for `$default`. */
  readonly template: string | undefined;
  readonly access: RouteAccess;
  /** Undefined: the route has no target. */
  readonly integration: RouteIntegration | undefined;
}

export type RouteAccess =
  | { readonly type: "NONE" | "AWS_IAM" }
  | { readonly type: "JWT"; readonly authorizer: JwtAuthorizer; readonly scopes: readonly string[] }
  | { readonly type: "CUSTOM"; readonly authorizer: RequestAuthorizer }
  /** The authorizer is missing: nobody gets in. */
  | { readonly type: "BROKEN" };

export interface RouteIntegration {
  readonly functionArn: string;
  readonly payloadFormat: "1.0" | "2.0";
  readonly timeoutMs: number;
}

/** A deployment never changes: its routes are compiled at its first request. */
const compiled = new WeakMap<Deployed, RouteTable<DeployedRoute>>();

export function routesOf(deployment: Deployed): RouteTable<DeployedRoute> {
  const known = compiled.get(deployment);
  if (known !== undefined) {
    return known;
  }
  const table = new RouteTable(deployment.routes.map((route) => deployedRoute(deployment, route)));
  compiled.set(deployment, table);
  return table;
}

function deployedRoute(deployment: Deployed, route: Route): DeployedRoute {
  const { routeKey } = route;
  const template = routeKey.split(" ")[1];
  return { routeKey, template, access: accessOf(deployment, route), integration: integrationOf(deployment, route) };
}

function accessOf(deployment: Deployed, route: Route): RouteAccess {
  const { authorizationType: type, authorizationScopes: scopes } = route;
  if (type === "NONE" || type === "AWS_IAM") {
    return { type };
  }
  const authorizer = deployment.authorizers.get(route.authorizerId ?? "");
  if (type === "JWT" && authorizer?.authorizerType === "JWT") {
    return { type, authorizer, scopes };
  }
  if (type === "CUSTOM" && authorizer?.authorizerType === "REQUEST") {
    return { type, authorizer };
  }
  return { type: "BROKEN" };
}

function integrationOf(deployment: Deployed, route: Route): RouteIntegration | undefined {
  const integration = deployment.integrations.get(route.target?.replace(/^integrations\//, "") ?? "");
  const functionArn = functionArnOf(integration?.integrationUri ?? "");
  if (integration === undefined || functionArn === undefined) {
    return undefined;
  }
  const payloadFormat = integration.payloadFormatVersion === "1.0" ? "1.0" : "2.0";
  return { functionArn, payloadFormat, timeoutMs: integration.timeoutInMillis };
}
