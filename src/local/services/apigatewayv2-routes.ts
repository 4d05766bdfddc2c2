import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { Api, Route } from "../store/apigatewayv2.ts";
import { autoDeploy } from "./apigatewayv2-deployments.ts";
import {
  badRequest,
  checkQuota,
  conflict,
  findApi,
  id,
  listing,
  newId,
  notFound,
  operation,
  type Parsed,
  paging,
  refuseWebSocketMembers,
  webSocketOnly,
} from "./apigatewayv2-model.ts";
import { checkRouteKey, routeKeyShape } from "./apigatewayv2-route-keys.ts";

const ROUTES_PER_API = 300;

const members = {
  target: z.string().max(128).optional(),
  authorizationType: z.enum(["NONE", "AWS_IAM", "JWT", "CUSTOM"]).optional(),
  authorizerId: z.string().max(128).optional(),
  authorizationScopes: z.array(z.string().min(1).max(64)).max(10).optional(),
  operationName: z.string().max(64).optional(),
  apiKeyRequired: z.boolean().optional(),
  modelSelectionExpression: webSocketOnly,
  requestModels: webSocketOnly,
  requestParameters: webSocketOnly,
  routeResponseSelectionExpression: webSocketOnly,
};

/** [RFC 6749, 3.3] Clients are told of the scopes in a header, between quotes. That AWS refuses others is unconfirmed. */
const SCOPE = /^[\x21\x23-\x5b\x5d-\x7e]+$/;

const routeKey = z.string().min(1).max(1024);

export const routeOperations = {
  CreateRoute: operation(z.strictObject({ apiId: id, routeKey, ...members }), (account, input) => {
    const api = findApi(account, input.apiId);
    checkRoute(api, input);
    checkQuota(api.routes.size, ROUTES_PER_API, "Routes");
    return store(account, api, {
      routeId: newId(7),
      routeKey: input.routeKey,
      ...authorizationOf(api, input),
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
        ...authorizationOf(api, input, old),
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

type Change = Parsed<typeof members> & {
  readonly routeKey?: string | undefined;
};

function checkRoute(api: Api, input: Change, old?: Route): void {
  refuseWebSocketMembers(input, [
    "apiKeyRequired",
    "modelSelectionExpression",
    "requestModels",
    "requestParameters",
    "routeResponseSelectionExpression",
  ]);
  if (input.routeKey !== undefined) {
    checkRouteKey(input.routeKey);
    const shape = routeKeyShape(input.routeKey);
    for (const route of api.routes.values()) {
      if (routeKeyShape(route.routeKey) !== shape || route === old) continue;
      throw conflict(`Route with key ${route.routeKey} already exists for this API`);
    }
  }
  if (input.target !== undefined) checkTarget(api, input.target, old);
}

function checkTarget(api: Api, target: string, old: Route | undefined): void {
  const integrationId = /^integrations\/(.+)$/.exec(target)?.[1];
  if (integrationId === undefined) {
    const route = old?.routeId ?? "null";
    const message = `Unexpected or malformed target in route ${route}. Correct format should be integrations/<integration_id>.`;
    throw badRequest(message);
  }
  if (!api.integrations.has(integrationId)) {
    throw badRequest(`Invalid target specified: ${target} is no integration of this API`);
  }
}

/**
 * The authorization after a change. It merges like the rest of the route: an authorizer goes with `authorizerId: ""` and
 * scopes go with `[]`, not with the type alone [aws 5.6].
 */
function authorizationOf(
  api: Api,
  input: Change,
  old?: Route,
): Pick<Route, "authorizationType" | "authorizerId" | "authorizationScopes"> {
  const authorizationType = input.authorizationType ?? old?.authorizationType ?? "NONE";
  const authorizerId = (input.authorizerId ?? old?.authorizerId) || undefined;
  const authorizationScopes = input.authorizationScopes ?? old?.authorizationScopes ?? [];
  const wanted = { NONE: undefined, AWS_IAM: undefined, JWT: "JWT", CUSTOM: "REQUEST" }[authorizationType];
  if (wanted !== undefined && api.authorizers.get(authorizerId ?? "")?.authorizerType !== wanted) {
    // The text is known for JWT.
    throw badRequest(
      `Invalid authorizer ID specified. Setting the authorization type to ${authorizationType} requires a valid ${wanted} authorizer.`,
    );
  }
  if (wanted === undefined && input.authorizerId) {
    // Unconfirmed: AWS may store it.
    throw badRequest(
      `Invalid authorizer ID specified. The authorization type ${authorizationType} takes no authorizer.`,
    );
  }
  if (authorizationScopes.length > 0 && authorizationType !== "JWT") {
    throw badRequest("Authorization Scopes are only valid for COGNITO_USER_POOLS and JWT authorization type");
  }
  const noScope = authorizationScopes.find((scope) => !SCOPE.test(scope));
  // The text is unconfirmed.
  if (noScope !== undefined) throw badRequest(`Invalid authorization scope: ${noScope}`);
  return { authorizationType, authorizerId, authorizationScopes };
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
