import type { HttpRequest } from "../http.ts";
import type { DeployedStage } from "./account.ts";
import { decoded, type RouteMatch } from "./route.ts";

/** A request that found its route and may call its function. */
export interface RoutedRequest {
  readonly request: HttpRequest;
  readonly stage: DeployedStage;
  readonly match: RouteMatch;
  /** Percent-encoded, with the stage unless it is `$default`. */
  readonly path: string;
  readonly requestId: string;
  readonly accountId: string;
  readonly region: string;
  readonly authorizer: object | undefined;
}

// Measured on AWS by others: everything else is base64, forms and bodies without a type included
// [GH:ministackorg/ministack#766].
const TEXT_TYPE = /^\s*(text\/[^;]+|application\/(json|xml|javascript))\s*(;|$)/i;
/** About one connection and thus not passed on; cookies have a member of their own. */
const LEFT_OUT = new Set(["connection", "cookie", "keep-alive", "transfer-encoding", "upgrade"]);

/** The event of payload format 2.0 [aws 5.9]. Members without a value are left out, as on AWS. */
export function eventOf(routed: RoutedRequest): object {
  const { request, stage, match, requestId, accountId, region } = routed;
  const { headers } = request;
  // HTTP APIs hand the path on decoded, unlike REST APIs and function URLs [GH:honojs/hono#2156].
  const rawPath = decoded(routed.path);
  const { routeKey } = match.route;
  const now = new Date();
  return withoutEmpty({
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: request.query,
    cookies: cookiesOf(request),
    headers: eventHeaders(request),
    queryStringParameters: queryOf(request.query),
    requestContext: {
      accountId,
      apiId: stage.apiId,
      ...(routed.authorizer === undefined ? {} : { authorizer: routed.authorizer }),
      domainName: `${stage.apiId}.execute-api.${region}.amazonaws.com`,
      domainPrefix: stage.apiId,
      http: {
        method: request.method,
        path: rawPath,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: headers["user-agent"] ?? "",
      },
      requestId,
      routeKey,
      stage: stage.stageName,
      time: logTime(now),
      timeEpoch: now.getTime(),
    },
    ...bodyOf(request),
    pathParameters: match.pathParameters,
  });
}

/** The event without the members that are empty, as on AWS. */
export function withoutEmpty(event: Record<string, unknown>): object {
  const isEmpty = (value: unknown) => typeof value === "object" && value !== null && Object.keys(value).length === 0;
  return Object.fromEntries(Object.entries(event).filter(([, value]) => !isEmpty(value)));
}

/** The headers as an event holds them. */
export function eventHeaders({ headers, sourceIp }: HttpRequest): Record<string, string> {
  const kept = Object.entries(headers).filter(([name]) => !LEFT_OUT.has(name));
  const before = headers["x-forwarded-for"];
  return {
    ...Object.fromEntries(kept),
    "x-forwarded-for": before === undefined ? sourceIp : `${before}, ${sourceIp}`,
    "x-forwarded-port": /:(\d+)$/.exec(headers.host ?? "")?.[1] ?? "80",
    "x-forwarded-proto": "http",
  };
}

/** The cookies as an event holds them, each `name=value`. */
export function cookiesOf({ headers }: HttpRequest): string[] {
  const cookies = (headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  return cookies.filter((cookie) => cookie !== "");
}

/** Decoded query parameters; the values of a repeated one joined by commas. */
export function queryOf(query: string): Record<string, string> {
  const joined = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(query)) {
    const before = joined.get(name);
    joined.set(name, before === undefined ? value : `${before},${value}`);
  }
  return Object.fromEntries(joined);
}

/** The body as an event holds it: text, or base64. */
export function bodyOf({ headers, body }: HttpRequest): { body?: string; isBase64Encoded: boolean } {
  if (body.length === 0) {
    return { isBase64Encoded: false };
  }
  const encoding = headers["content-encoding"] ?? "identity";
  const isText = TEXT_TYPE.test(headers["content-type"] ?? "") && encoding === "identity";
  return isText
    ? { body: body.toString(), isBase64Encoded: false }
    : { body: body.toString("base64"), isBase64Encoded: true };
}

/** As in `12/Mar/2026:19:03:58 +0000`. */
export function logTime(date: Date): string {
  const [, day, month, year, time] = /^\w+, (\d+) (\w+) (\d+) (\S+)/.exec(date.toUTCString()) ?? [];
  return `${day}/${month}/${year}:${time} +0000`;
}
