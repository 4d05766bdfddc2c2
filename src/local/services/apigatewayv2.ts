import { type RestRoute, restJsonWire } from "../wire/rest-json.ts";
import type { Service } from "../wire/service.ts";
import { apiOperations } from "./apigatewayv2-apis.ts";
import { authorizerOperations } from "./apigatewayv2-authorizers.ts";
import { deploymentOperations } from "./apigatewayv2-deployments.ts";
import { integrationOperations } from "./apigatewayv2-integrations.ts";
import { routeOperations } from "./apigatewayv2-routes.ts";
import { stageOperations } from "./apigatewayv2-stages.ts";
import { tagOperations } from "./apigatewayv2-tags.ts";
import { NAMED_ONLY } from "./apigatewayv2-unimplemented.ts";

const api = "/v2/apis/{apiId}";
const stage = `${api}/stages/{stageName}`;
const tags = "/v2/tags/{resourceArn}";

const routes: readonly RestRoute[] = [
  ...collection("Api", "/v2/apis", "apiId"),
  ...collection("Integration", `${api}/integrations`, "integrationId"),
  ...collection("Route", `${api}/routes`, "routeId"),
  ...collection("Authorizer", `${api}/authorizers`, "authorizerId"),
  ...collection("Stage", `${api}/stages`, "stageName"),
  ...collection("Deployment", `${api}/deployments`, "deploymentId"),
  { operation: "DeleteCorsConfiguration", method: "DELETE", path: `${api}/cors`, status: 204 },
  { operation: "DeleteAccessLogSettings", method: "DELETE", path: `${stage}/accesslogsettings`, status: 204 },
  { operation: "DeleteRouteSettings", method: "DELETE", path: `${stage}/routesettings/{routeKey}`, status: 204 },
  { operation: "ResetAuthorizersCache", method: "DELETE", path: `${stage}/cache/authorizers`, status: 204 },
  { operation: "TagResource", method: "POST", path: tags, status: 201 },
  { operation: "UntagResource", method: "DELETE", path: tags, status: 204 },
  { operation: "GetTags", method: "GET", path: tags, status: 200 },
  ...NAMED_ONLY.map(([method, path, operation]) => ({ operation, method, path, status: 501 })),
];

export const apigateway: Service = {
  name: "apigateway",
  operations: new Map(
    Object.entries({
      ...apiOperations,
      ...integrationOperations,
      ...routeOperations,
      ...authorizerOperations,
      ...stageOperations,
      ...deploymentOperations,
      ...tagOperations,
    }),
  ),
  wire: restJsonWire({
    service: "API Gateway",
    routes,
    invalidCode: "BadRequestException",
    errorBody: (error) => ({ message: error.message }),
  }),
};

/** Every collection of the v2 API has the same five operations. */
function collection(noun: string, path: string, member: string): RestRoute[] {
  const one = `${path}/{${member}}`;
  return [
    { operation: `Create${noun}`, method: "POST", path, status: 201 },
    { operation: `Get${noun}s`, method: "GET", path, status: 200 },
    { operation: `Get${noun}`, method: "GET", path: one, status: 200 },
    { operation: `Update${noun}`, method: "PATCH", path: one, status: 200 },
    { operation: `Delete${noun}`, method: "DELETE", path: one, status: 204 },
  ];
}
