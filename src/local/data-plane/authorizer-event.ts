import type { RequestAuthorizer } from "../store/apigatewayv2.ts";
import { requestParts1 } from "./event-1.ts";
import { requestParts2 } from "./event-2.ts";
import type { RoutedExchange } from "./exchange.ts";

/** The event of a Lambda authorizer, in its payload format: the request without its body [APIGWDG http-api-lambda-authorizer]. */
export function authorizerEvent(
  exchange: RoutedExchange,
  { payloadFormatVersion }: RequestAuthorizer,
  identity: readonly string[],
  routeArn: string,
): object {
  if (payloadFormatVersion === "2.0") {
    const identitySource = identity.length === 0 ? null : identity;
    return { version: "2.0", type: "REQUEST", routeArn, identitySource, ...requestParts2(exchange) };
  }
  const { pathParameters, stageVariables, queryStringParameters, ...parts } = requestParts1(exchange);
  const values = identity.join(",");
  return {
    version: "1.0",
    type: "REQUEST",
    methodArn: routeArn,
    identitySource: values,
    authorizationToken: values,
    ...parts,
    // Empty here where events for functions have null.
    queryStringParameters: queryStringParameters ?? {},
    pathParameters: pathParameters ?? {},
    stageVariables: stageVariables ?? {},
  };
}
