import { type Caller, domainName, type Exchange, logTime } from "./exchange.ts";
import type { Answer } from "./gateway-message.ts";
import { userArn } from "./iam.ts";

/** What a variable is read from; the response only once there is one. */
interface Source {
  readonly exchange: Exchange;
  readonly response?: Answer;
}

type Read = (exchange: Exchange, response: Answer | undefined) => string | number | undefined;

const integrationError: Read = ({ integration }) => integration?.error;
const integrationLatency: Read = ({ integration }) => integration?.latencyMs;
const lambdaStatus: Read = ({ integration }) => integration?.lambdaStatus;
const lambdaRequestId: Read = ({ integration }) => integration?.requestId;
const callerAccount: Read = ({ caller, account }) => (caller?.kind === "iam" ? account.accountId : undefined);

/** The variables of HTTP APIs that are known here [APIGWDG http-api-logging-variables]. */
const VARIABLES: ReadonlyMap<string, Read> = new Map<string, Read>([
  ["accountId", ({ account }) => account.accountId],
  ["apiId", ({ apiId }) => apiId],
  ["authorizer.error", ({ authorizerError }) => authorizerError],
  ["awsEndpointRequestId", lambdaRequestId],
  ["domainName", domainName],
  ["domainPrefix", ({ apiId }) => apiId],
  ["error.message", (_exchange, response) => response?.refusal],
  ["error.messageString", (_exchange, response) => response?.refusal && JSON.stringify(response.refusal)],
  ["error.responseType", responseType],
  ["extendedRequestId", ({ requestId }) => requestId],
  ["httpMethod", ({ request }) => request.method],
  ["identity.accountId", callerAccount],
  ["identity.caller", callerAccount],
  ["identity.sourceIp", ({ request }) => request.sourceIp],
  ["identity.user", callerAccount],
  ["identity.userAgent", ({ request }) => request.headers["user-agent"]],
  ["identity.userArn", ({ caller, account }) => (caller?.kind === "iam" ? userArn(account.accountId) : undefined)],
  ["integration.error", integrationError],
  ["integration.integrationStatus", lambdaStatus],
  ["integration.latency", integrationLatency],
  ["integration.requestId", lambdaRequestId],
  ["integration.status", ({ integration }) => integration?.status],
  ["integrationErrorMessage", integrationError],
  ["integrationLatency", integrationLatency],
  ["integrationStatus", lambdaStatus],
  ["path", ({ path }) => path],
  ["protocol", () => "HTTP/1.1"],
  ["requestId", ({ requestId }) => requestId],
  ["requestTime", ({ atMs }) => logTime(atMs)],
  ["requestTimeEpoch", ({ atMs }) => atMs],
  ["responseLatency", ({ startedAt }, response) => response && Math.round(performance.now() - startedAt)],
  ["responseLength", (_exchange, response) => response && Buffer.byteLength(response.body)],
  ["routeKey", ({ match }) => match?.route.routeKey],
  ["stage", ({ stage }) => stage.stageName],
  ["status", (_exchange, response) => response?.status],
]);

/** The value of `$context.{name}`; undefined when it is unknown or has none. */
export function contextVariable(name: string, { exchange, response }: Source): string | undefined {
  const read = VARIABLES.get(name);
  const value = read === undefined ? ofCaller(exchange.caller, name) : read(exchange, response);
  return value === undefined ? undefined : String(value);
}

/** What an authorizer found out: `authorizer.claims.sub` of a token, `authorizer.key` of a Lambda authorizer's context. */
function ofCaller(caller: Caller | undefined, name: string): string | undefined {
  if (caller?.kind === "jwt" && name.startsWith("authorizer.claims.")) {
    return own(caller.claims, name.slice("authorizer.claims.".length));
  }
  if (caller?.kind !== "lambda" || !name.startsWith("authorizer.")) {
    return undefined;
  }
  const key = name.slice("authorizer.".length);
  const value = key === "principalId" ? caller.principalId : caller.context && own(caller.context, key);
  if (value === undefined || value === null) {
    return undefined;
  }
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** A member somebody chose the name of: `constructor` is none. */
function own<Value>(members: Readonly<Record<string, Value>>, name: string): Value | undefined {
  return Object.hasOwn(members, name) ? members[name] : undefined;
}

/** The gateway's name for a refusal; that HTTP APIs use those of REST APIs is unconfirmed. */
function responseType({ authorizerError }: Exchange, response: Answer | undefined): string | undefined {
  if (response?.refusal === undefined) {
    return undefined;
  }
  return response.status === 500 && authorizerError !== undefined
    ? "AUTHORIZER_FAILURE"
    : RESPONSE_TYPES.get(response.status);
}

const RESPONSE_TYPES: ReadonlyMap<number, string> = new Map([
  [401, "UNAUTHORIZED"],
  [403, "ACCESS_DENIED"],
  [404, "RESOURCE_NOT_FOUND"],
  [413, "REQUEST_TOO_LARGE"],
  [429, "THROTTLED"],
  [500, "INTEGRATION_FAILURE"],
  [503, "INTEGRATION_TIMEOUT"],
]);
