import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Api } from "../store/apigatewayv2.ts";
import { tagMap } from "../wire/validation.ts";
import { corsConfiguration, mergedCors } from "./apigatewayv2-cors.ts";
import { autoDeploy } from "./apigatewayv2-deployments.ts";
import {
  badRequest,
  checkQuota,
  description,
  findApi,
  id,
  listing,
  mergedTags,
  newId,
  operation,
  type Parsed,
  paging,
  refuseWebSocketMembers,
  webSocketOnly,
} from "./apigatewayv2-model.ts";

const APIS_PER_REGION = 600;

const name = z.string().min(1).max(128);

const members = {
  description: description.optional(),
  version: z.string().max(64).optional(),
  corsConfiguration: corsConfiguration.optional(),
  disableExecuteApiEndpoint: z.boolean().optional(),
  ipAddressType: z.enum(["ipv4", "dualstack"]).optional(),
  routeSelectionExpression: z.string().optional(),
  apiKeySelectionExpression: z.string().optional(),
  disableSchemaValidation: webSocketOnly,
  target: z.string().optional(),
  routeKey: z.string().optional(),
  credentialsArn: z.string().optional(),
};

export const apiOperations = {
  CreateApi: operation(
    z.strictObject({ name, protocolType: z.enum(["HTTP", "WEBSOCKET"]), ...members, tags: tagMap.default({}) }),
    (account, input) => {
      if (input.protocolType === "WEBSOCKET") throw notImplemented("WebSocket APIs");
      checkMembers(input);
      checkQuota(account.apis.size, APIS_PER_REGION, "APIs", "account");
      const api: Api = {
        apiId: newId(10),
        createdDate: new Date(),
        name: input.name,
        description: input.description,
        version: input.version,
        disableExecuteApiEndpoint: input.disableExecuteApiEndpoint ?? false,
        ipAddressType: input.ipAddressType ?? "ipv4",
        cors: mergedCors(undefined, input.corsConfiguration),
        tags: mergedTags(new Map(), input.tags),
        authorizers: new Map(),
        integrations: new Map(),
        routes: new Map(),
        deployments: new Map(),
        stages: new Map(),
      };
      account.apis.set(api.apiId, api);
      return apiOut(account, api);
    },
  ),

  GetApi: operation(z.strictObject({ apiId: id }), (account, input) => apiOut(account, findApi(account, input.apiId))),

  GetApis: operation(z.strictObject(paging), (account, input) =>
    listing(
      account,
      account.apis.values(),
      input,
      (api) => api.apiId,
      (api) => apiOut(account, api),
    ),
  ),

  UpdateApi: operation(z.strictObject({ apiId: id, name: name.optional(), ...members }), (account, input) => {
    const api = findApi(account, input.apiId);
    checkMembers(input);
    const cors = mergedCors(api.cors, input.corsConfiguration);
    api.name = input.name ?? api.name;
    api.description = input.description ?? api.description;
    api.version = input.version ?? api.version;
    api.disableExecuteApiEndpoint = input.disableExecuteApiEndpoint ?? api.disableExecuteApiEndpoint;
    api.ipAddressType = input.ipAddressType ?? api.ipAddressType;
    if (input.corsConfiguration !== undefined) setCors(account, api, cors);
    return apiOut(account, api);
  }),

  /** Everything inside goes with it; the function's permission for it stays [aws 8]. */
  DeleteApi: operation(z.strictObject({ apiId: id }), (account, input) => {
    account.apis.delete(findApi(account, input.apiId).apiId);
  }),

  DeleteCorsConfiguration: operation(z.strictObject({ apiId: id }), (account, input) => {
    setCors(account, findApi(account, input.apiId), undefined);
  }),
};

/** Stages serve it once it is deployed, like routes. */
function setCors(account: Account, api: Api, cors: Api["cors"]): void {
  api.cors = cors;
  autoDeploy(account, api);
}

const ROUTE_SELECTION = "$request.method $request.path";
/** AWS takes both spellings, and names this one in its error: dollar signs outside the braces. */
const BRACED_ROUTE_SELECTION = "\u0024{request.method} \u0024{request.path}";
const API_KEY_SELECTION = "$request.header.x-api-key";

function checkMembers(input: Parsed<typeof members>): void {
  for (const member of ["target", "routeKey", "credentialsArn"] as const) {
    if (input[member] !== undefined) throw notImplemented(`quick create (${member}) of API Gateway`);
  }
  refuseWebSocketMembers(input, ["disableSchemaValidation"]);
  // [aws 5.5] constants for HTTP APIs.
  const routes = input.routeSelectionExpression ?? ROUTE_SELECTION;
  if (routes !== ROUTE_SELECTION && routes !== BRACED_ROUTE_SELECTION) {
    throw badRequest(`Route selection expression is currently limited to "${BRACED_ROUTE_SELECTION}"`);
  }
  if ((input.apiKeySelectionExpression ?? API_KEY_SELECTION) !== API_KEY_SELECTION) {
    refuseWebSocketMembers(input, ["apiKeySelectionExpression"]);
  }
}

function apiOut(account: Account, api: Api) {
  return {
    apiEndpoint: `${account.url}/execute-api/${api.apiId}`,
    apiId: api.apiId,
    apiKeySelectionExpression: API_KEY_SELECTION,
    corsConfiguration: api.cors,
    createdDate: api.createdDate,
    description: api.description || undefined,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    ipAddressType: api.ipAddressType,
    name: api.name,
    protocolType: "HTTP",
    routeSelectionExpression: ROUTE_SELECTION,
    tags: Object.fromEntries(api.tags),
    version: api.version || undefined,
  };
}
