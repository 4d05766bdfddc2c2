import { cookiesOf, eventBody, eventHeaders, joinedQuery } from "../data-plane/event-parts.ts";
import { logTime } from "../data-plane/exchange.ts";
import type { HttpRequest } from "../http.ts";
import type { Account } from "../store/account.ts";
import type { FunctionUrl } from "../store/lambda.ts";

/** A request that may call the function of a URL. */
export interface UrlRequest {
  readonly account: Account;
  readonly url: FunctionUrl;
  readonly request: HttpRequest;
  /** What follows the URL, percent-encoded as it was sent. */
  readonly path: string;
  readonly requestId: string;
  readonly authorizer: object | undefined;
}

/** The event of payload format 2.0, as function URLs fill it: one route, and the path not decoded [aws 4.12]. */
export function eventOf({ account, url, request, path, requestId, authorizer }: UrlRequest): object {
  const atMs = Date.now();
  const { cookie: _cookie, ...headers } = eventHeaders(request);
  return {
    version: "2.0",
    routeKey: "$default",
    rawPath: path,
    rawQueryString: request.query,
    cookies: cookiesOf(request),
    headers,
    queryStringParameters: joinedQuery(request.query),
    requestContext: {
      // Seen in events of URLs without authorization; the guide speaks of the owner in both cases.
      accountId: authorizer === undefined ? "anonymous" : account.accountId,
      apiId: url.id,
      ...(authorizer !== undefined && { authorizer }),
      domainName: `${url.id}.lambda-url.${account.region}.on.aws`,
      domainPrefix: url.id,
      http: {
        method: request.method,
        path,
        protocol: "HTTP/1.1",
        sourceIp: request.sourceIp,
        userAgent: request.headers["user-agent"] ?? "",
      },
      requestId,
      routeKey: "$default",
      stage: "$default",
      time: logTime(atMs),
      timeEpoch: atMs,
    },
    ...eventBody(request),
  };
}
