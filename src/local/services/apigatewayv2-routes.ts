import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { Account, Api, Route } from "../store.ts";
import { autoDeploy } from "./apigatewayv2-deployments.ts";
import {
  badRequest,
  conflict,
  findApi,
  id,
  listing,
  newId,
  notFound,
  operation,
  paging,
} from "./apigatewayv2-model.ts";

const members = {
  target: z.string().max(128).optional(),
  authorizationType: z.enum(["NONE", "AWS_IAM", "JWT", "CUSTOM"]).optional(),
  operationName: z.string().max(64).optional(),
  apiKeyRequired: z.literal(false).optional(),
};

const routeKey = z.string().min(1).max(1024);

export const routeOperations = {
  CreateRoute: operation(z.strictObject({ apiId: id, routeKey, ...members }), (account, input) => {
    const api = findApi(account, input.apiId);
    checkRoute(api, input);
    return store(account, api, {
      routeId: newId(7),
      routeKey: input.routeKey,
      authorizationType: authorizationOf(input.authorizationType ?? "NONE"),
      authorizerId: undefined,
      authorizationScopes: [],
      target: input.target,
      operationName: input.operationName,
    });
  }),

  GetRoute: operation(z.strictObject({ apiId: id, routeId: id }), (account, input) =>
    routeOut(findRoute(findApi(account, input.apiId), input.routeId)),
  ),

  GetRoutes: operation(z.strictObject({ apiId: id, ...paging }), (account, input) =>
    listing(account, findApi(account, input.apiId).routes.values(), input, (route) => route.routeId, routeOut),
  ),

  UpdateRoute: operation(
    z.strictObject({ apiId: id, routeId: id, routeKey: routeKey.optional(), ...members }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      const old = findRoute(api, input.routeId);
      checkRoute(api, input, old);
      return store(account, api, {
        routeId: old.routeId,
        routeKey: input.routeKey ?? old.routeKey,
        authorizationType: authorizationOf(input.authorizationType ?? old.authorizationType),
        authorizerId: old.authorizerId,
        authorizationScopes: old.authorizationScopes,
        target: input.target ?? old.target,
        operationName: input.operationName ?? old.operationName,
      });
    },
  ),

  DeleteRoute: operation(z.strictObject({ apiId: id, routeId: id }), (account, input) => {
    const api = findApi(account, input.apiId);
    api.routes.delete(findRoute(api, input.routeId).routeId);
    autoDeploy(account, api);
  }),
};

const ROUTE_KEY = /^(\$default|(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) \/\S*)$/;

function checkRoute(
  api: Api,
  input: { routeKey?: string | undefined; target?: string | undefined },
  old?: Route,
): void {
  if (input.routeKey !== undefined && !ROUTE_KEY.test(input.routeKey)) {
    throw badRequest(
      'The provided route key is not formatted properly for HTTP protocol. Format should be "<HTTP METHOD> /<RESOURCE PATH>" or "$default"',
    );
  }
  for (const route of api.routes.values()) {
    if (route.routeKey === input.routeKey && route !== old) {
      throw conflict(`Route with key ${route.routeKey} already exists for this API`);
    }
  }
  if (input.target === undefined) return;
  const integrationId = /^integrations\/([a-z0-9]+)$/.exec(input.target)?.[1];
  if (integrationId === undefined || !api.integrations.has(integrationId)) {
    throw badRequest(`Invalid target specified: ${input.target} is no integration of this API`);
  }
}

function authorizationOf(type: NonNullable<z.output<typeof members.authorizationType>>): Route["authorizationType"] {
  if (type === "NONE" || type === "AWS_IAM") return type;
  throw notImplemented(`${type} authorizers`);
}

function store(account: Account, api: Api, route: Route) {
  api.routes.set(route.routeId, route);
  autoDeploy(account, api);
  return routeOut(route);
}

function findRoute(api: Api, routeId: string): Route {
  const route = api.routes.get(routeId);
  if (route === undefined) throw notFound(`Invalid Route identifier specified ${routeId}`);
  return route;
}

function routeOut(route: Route) {
  const { authorizationScopes: scopes } = route;
  return {
    apiKeyRequired: false,
    ...route,
    authorizationScopes: scopes.length > 0 ? scopes : undefined,
    operationName: route.operationName || undefined,
  };
}
