import type { HttpRequest } from "../http.ts";
import { newTraceId } from "./ids.ts";

// Measured on AWS by others: everything else is base64, forms and bodies without a type included
// [GH:ministackorg/ministack#766].
const TEXT_TYPE = /^\s*(text\/[^;]+|application\/(json|xml|javascript))\s*(;|$)/i;
/** About one connection and thus not passed on. */
const LEFT_OUT = new Set(["connection", "keep-alive", "transfer-encoding", "upgrade"]);

/** The headers as functions get them: what the gateway adds is in. */
export function eventHeaders({ headers, sourceIp }: HttpRequest): Record<string, string> {
  const passed: Record<string, string> = Object.create(null);
  for (const name in headers) {
    if (!LEFT_OUT.has(name)) passed[name] = headers[name] ?? "";
  }
  const before = headers["x-forwarded-for"];
  const host = headers.host ?? "";
  const colon = host.lastIndexOf(":");
  passed["x-amzn-trace-id"] ??= newTraceId();
  passed["x-forwarded-for"] = before === undefined ? sourceIp : `${before}, ${sourceIp}`;
  passed["x-forwarded-port"] = colon === -1 ? "80" : host.slice(colon + 1);
  passed["x-forwarded-proto"] = "http";
  return passed;
}

/** The headers as an HTTP API hands them on: it says the length also where there is no body, as AWS's events of a GET show. */
export function gatewayHeaders(request: HttpRequest): Record<string, string> {
  const headers = eventHeaders(request);
  headers["content-length"] ??= String(request.body.length);
  return headers;
}

/** The decoded values of each query parameter, in the order sent. */
export function queryValues(query: string): ReadonlyMap<string, readonly string[]> {
  const values = new Map<string, string[]>();
  if (query === "") {
    return values;
  }
  for (const [name, value] of new URLSearchParams(query)) {
    const known = values.get(name);
    if (known === undefined) values.set(name, [value]);
    else known.push(value);
  }
  return values;
}

/** The decoded query parameters, the values of a repeated one joined by commas; undefined when there are none. */
export function joinedQuery(query: string): Record<string, string> | undefined {
  const all = queryValues(query);
  return all.size === 0 ? undefined : Object.fromEntries([...all].map(([name, values]) => [name, values.join(",")]));
}

/** The cookies, each `name=value`; undefined when there are none. */
export function cookiesOf({ headers }: HttpRequest): string[] | undefined {
  const cookies = (headers.cookie ?? "").split(";").map((cookie) => cookie.trim());
  const named = cookies.filter((cookie) => cookie !== "");
  return named.length === 0 ? undefined : named;
}

/** The body as text or base64; undefined when there is none. */
export function eventBody({ headers, body }: HttpRequest): {
  readonly body: string | undefined;
  readonly isBase64Encoded: boolean;
} {
  if (body.length === 0) {
    return { body: undefined, isBase64Encoded: false };
  }
  const encoding = headers["content-encoding"] ?? "identity";
  const isText = TEXT_TYPE.test(headers["content-type"] ?? "") && encoding === "identity";
  return { body: body.toString(isText ? "utf8" : "base64"), isBase64Encoded: !isText };
}
