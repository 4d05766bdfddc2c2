import type { HttpRequest, HttpResponse } from "../http.ts";
import type { Cors } from "../store.ts";

/** The answer to a browser's preflight; undefined: the request is none. The function is not asked. */
export function preflightAnswer(cors: Cors, request: HttpRequest): HttpResponse | undefined {
  const { origin, "access-control-request-method": method } = request.headers;
  if (request.method !== "OPTIONS" || origin === undefined || method === undefined) return undefined;
  const allowed = originHeaders(cors, origin);
  if (allowed === undefined) return { status: 200, headers: {}, body: "" };
  const headers = {
    ...allowed,
    ...listHeader("access-control-allow-methods", cors.allowMethods),
    ...listHeader("access-control-allow-headers", cors.allowHeaders),
    ...(cors.maxAge !== undefined && { "access-control-max-age": String(cors.maxAge) }),
  };
  return { status: 200, headers, body: "" };
}

/** The answer with the headers of the configuration; they win over the function's own [aws 4.12]. */
export function withCors(cors: Cors, request: HttpRequest, answer: HttpResponse): HttpResponse {
  const own = Object.entries(answer.headers).filter(([name]) => !name.startsWith("access-control-"));
  const { origin } = request.headers;
  const allowed = origin === undefined ? undefined : originHeaders(cors, origin);
  const exposed = allowed && listHeader("access-control-expose-headers", cors.exposeHeaders);
  return { ...answer, headers: { ...Object.fromEntries(own), ...allowed, ...exposed } };
}

function originHeaders(cors: Cors, origin: string): Record<string, string> | undefined {
  const origins = cors.allowOrigins ?? [];
  const any = origins.includes("*");
  if (!any && !origins.includes(origin)) return undefined;
  return {
    // With credentials a browser takes no wildcard.
    "access-control-allow-origin": any && !cors.allowCredentials ? "*" : origin,
    ...(cors.allowCredentials && { "access-control-allow-credentials": "true" }),
    vary: "Origin",
  };
}

function listHeader(name: string, values: readonly string[] | undefined): Record<string, string> {
  return values === undefined || values.length === 0 ? {} : { [name]: values.join(",") };
}
