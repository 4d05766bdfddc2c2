import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { Account, Api } from "../store.ts";
import { tagMap } from "../wire/validation.ts";
import {
  badRequest,
  description,
  findApi,
  id,
  listing,
  mergedTags,
  newId,
  operation,
  paging,
} from "./apigatewayv2-model.ts";

const name = z.string().min(1).max(128);
const version = z.string().max(64);

export const apiOperations = {
  CreateApi: operation(
    z.strictObject({
      name,
      protocolType: z.enum(["HTTP", "WEBSOCKET"]),
      description: description.optional(),
      version: version.optional(),
      routeSelectionExpression: z.string().optional(),
      tags: tagMap.default({}),
    }),
    (account, input) => {
      if (input.protocolType === "WEBSOCKET") throw notImplemented("WebSocket APIs");
      // [aws 5.5] a constant for HTTP APIs.
      if ((input.routeSelectionExpression ?? ROUTE_SELECTION) !== ROUTE_SELECTION) {
        throw badRequest(`For HTTP protocol, the route selection expression must be "${ROUTE_SELECTION}"`);
      }
      const api: Api = {
        apiId: newId(10),
        createdDate: new Date(),
        name: input.name,
        description: input.description,
        version: input.version,
        disableExecuteApiEndpoint: false,
        cors: undefined,
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

  UpdateApi: operation(
    z.strictObject({
      apiId: id,
      name: name.optional(),
      description: description.optional(),
      version: version.optional(),
    }),
    (account, input) => {
      const api = findApi(account, input.apiId);
      api.name = input.name ?? api.name;
      api.description = input.description ?? api.description;
      api.version = input.version ?? api.version;
      return apiOut(account, api);
    },
  ),

  /** Everything inside goes with it; the function's permission for it stays [aws 8]. */
  DeleteApi: operation(z.strictObject({ apiId: id }), (account, input) => {
    account.apis.delete(findApi(account, input.apiId).apiId);
  }),
};

const ROUTE_SELECTION = "$request.method $request.path";

function apiOut(account: Account, api: Api) {
  return {
    apiEndpoint: `${account.url}/execute-api/${api.apiId}`,
    apiId: api.apiId,
    apiKeySelectionExpression: "$request.header.x-api-key",
    createdDate: api.createdDate,
    description: api.description || undefined,
    disableExecuteApiEndpoint: api.disableExecuteApiEndpoint,
    ipAddressType: "ipv4",
    name: api.name,
    protocolType: "HTTP",
    routeSelectionExpression: ROUTE_SELECTION,
    tags: Object.fromEntries(api.tags),
    version: api.version || undefined,
  };
}
