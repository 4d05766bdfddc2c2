import { eventBody, gatewayHeaders, queryValues } from "./event-parts.ts";
import { type Caller, domainName, logTime, type RoutedExchange } from "./exchange.ts";
import { userArn } from "./iam.ts";
import { decoded } from "./route-table.ts";

/** The event of payload format 1.0 [APIGWDG http-api-develop-integrations-lambda]: what there is none of is null. */
export function event1(exchange: RoutedExchange): object {
  const { queryStringParameters, requestContext, headers, ...parts } = requestParts1(exchange);
  const { body, isBase64Encoded } = eventBody(exchange.request);
  const query = [...queryValues(exchange.request.query)];
  return {
    version: "1.0",
    ...parts,
    headers,
    multiValueHeaders: Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, [value]])),
    queryStringParameters,
    multiValueQueryStringParameters: query.length === 0 ? null : Object.fromEntries(query),
    requestContext: { ...requestContext, authorizer: authorizerOf(exchange.caller) },
    body: body ?? null,
    isBase64Encoded,
  };
}

/** What events for functions and for authorizers share. The path has the stage in it [GH:dougmoscrop/serverless-http#143]. */
export function requestParts1(exchange: RoutedExchange) {
  const { request, apiId, stage, requestId, match, account } = exchange;
  const path = decoded(exchange.path);
  // That it is `$default` for the default route is unconfirmed.
  const resource = match.route.template ?? match.route.routeKey;
  const query = [...queryValues(request.query)];
  const { pathParameters } = match;
  return {
    resource,
    path,
    httpMethod: request.method,
    headers: gatewayHeaders(request),
    // Of a repeated parameter the last value.
    queryStringParameters: orNull(Object.fromEntries(query.map(([name, values]) => [name, values.at(-1) ?? ""]))),
    requestContext: {
      accountId: account.accountId,
      apiId,
      domainName: domainName(exchange),
      domainPrefix: apiId,
      extendedRequestId: requestId,
      httpMethod: request.method,
      identity: identityOf(exchange),
      path,
      protocol: "HTTP/1.1",
      requestId,
      requestTime: logTime(exchange.atMs),
      requestTimeEpoch: exchange.atMs,
      resourceId: null,
      resourcePath: resource,
      stage: stage.stageName,
    },
    pathParameters: orNull(pathParameters),
    stageVariables: orNull(Object.fromEntries(stage.stageVariables)),
  };
}

function identityOf({ request, caller, account }: RoutedExchange): object {
  const iam = caller?.kind === "iam" ? caller : undefined;
  const accountId = iam === undefined ? null : account.accountId;
  return {
    accessKey: iam?.accessKeyId ?? null,
    accountId,
    caller: accountId,
    cognitoAuthenticationProvider: null,
    cognitoAuthenticationType: null,
    cognitoIdentityId: null,
    cognitoIdentityPoolId: null,
    principalOrgId: null,
    sourceIp: request.sourceIp,
    user: accountId,
    userAgent: request.headers["user-agent"] ?? "",
    userArn: iam === undefined ? null : userArn(account.accountId),
  };
}

/** The context of a Lambda authorizer lies here flat (the member principalId beside it is unconfirmed). */
function authorizerOf(caller: Caller | undefined): object {
  if (caller?.kind === "lambda") {
    return { ...(caller.principalId !== undefined && { principalId: caller.principalId }), ...caller.context };
  }
  return caller?.kind === "jwt" ? { claims: caller.claims, scopes: caller.scopes } : { claims: null, scopes: null };
}

function orNull<Value extends object>(value: Value): Value | null {
  return Object.keys(value).length === 0 ? null : value;
}
