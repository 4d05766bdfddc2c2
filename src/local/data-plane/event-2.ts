import { cookiesOf, eventBody, gatewayHeaders, joinedQuery } from "./event-parts.ts";
import { type Caller, domainName, logTime, type RoutedExchange } from "./exchange.ts";
import { callerContext } from "./iam.ts";
import { decoded } from "./route-table.ts";

/** The event of payload format 2.0 [aws 5.9]. Members without a value are left out, as on AWS. */
export function event2(exchange: RoutedExchange): object {
  const authorizer = exchange.caller && authorizerOf(exchange.caller, exchange.account.accountId);
  const { pathParameters, stageVariables, requestContext, ...parts } = requestParts2(exchange);
  return {
    version: "2.0",
    ...parts,
    requestContext: authorizer === undefined ? requestContext : { ...requestContext, authorizer },
    ...eventBody(exchange.request),
    pathParameters,
    stageVariables,
  };
}

/** What events for functions and for authorizers share. */
export function requestParts2(exchange: RoutedExchange) {
  const { request, apiId, stage, requestId, match } = exchange;
  const { cookie: _cookie, ...headers } = gatewayHeaders(request);
  // HTTP APIs hand the path on decoded, unlike REST APIs and function URLs [GH:honojs/hono#2156].
  const rawPath = decoded(exchange.path);
  const { routeKey } = match.route;
  return {
    routeKey,
    rawPath,
    rawQueryString: request.query,
    cookies: cookiesOf(request),
    headers,
    queryStringParameters: joinedQuery(request.query),
    requestContext: {
      accountId: exchange.account.accountId,
      apiId,
      domainName: domainName(exchange),
      domainPrefix: apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey,
      stage: stage.stageName,
      time: logTime(exchange.atMs),
      timeEpoch: exchange.atMs,
    },
    pathParameters: isEmpty(match.pathParameters) ? undefined : match.pathParameters,
    stageVariables: stage.stageVariables.size === 0 ? undefined : Object.fromEntries(stage.stageVariables),
  };
}

function authorizerOf(caller: Caller, accountId: string): object {
  switch (caller.kind) {
    case "iam":
      return { iam: callerContext(accountId, caller.accessKeyId) };
    case "jwt":
      return { jwt: { claims: caller.claims, scopes: caller.scopes } };
    case "lambda":
      // Null without a context [GH:aws-powertools/powertools-lambda-python, API Gateway authorizer data class].
      return { lambda: caller.context };
  }
}

function isEmpty(value: object): boolean {
  for (const _name in value) return false;
  return true;
}
