import type { HttpRequest, HttpResponse } from "../http.ts";
import type { Cors } from "../store/apigatewayv2.ts";
import type { Answer } from "./gateway-message.ts";

/** Whether a browser asks before it sends the real request: only then does API Gateway answer by itself [APIGWDG http-api-cors]. */
export function isPreflight({ method, headers }: HttpRequest): boolean {
  return method === "OPTIONS" && headers.origin !== undefined && "access-control-request-method" in headers;
}

/** The answer to a preflight request; an origin that is not allowed gets one without CORS headers. */
export function preflightAnswer(cors: Cors, origin: string | undefined): Answer {
  const allowed = allowedOrigin(cors, origin);
  if (allowed === undefined) {
    return { status: 204, headers: {}, body: "" };
  }
  const headers: Record<string, string> = { "access-control-allow-origin": allowed };
  if (cors.allowMethods !== undefined) headers["access-control-allow-methods"] = cors.allowMethods.join(",");
  if (cors.allowHeaders !== undefined) headers["access-control-allow-headers"] = cors.allowHeaders.join(",");
  if (cors.allowCredentials === true) headers["access-control-allow-credentials"] = "true";
  if (cors.maxAge !== undefined) headers["access-control-max-age"] = String(cors.maxAge);
  return { status: 204, headers, body: "" };
}

/**
 * An answer with the gateway's CORS headers in place of the function's, which count for nothing once CORS is configured
 * [aws 5.9]. Refusals of the gateway itself carry them as well [GH:aws/aws-sam-cli#9087].
 */
export function withCors<Response extends Pick<HttpResponse, "headers">>(
  response: Response,
  cors: Cors,
  origin: string | undefined,
): Response {
  const kept = Object.entries(response.headers).filter(([name]) => !name.startsWith("access-control-"));
  const headers: Record<string, string | readonly string[]> = Object.fromEntries(kept);
  const allowed = allowedOrigin(cors, origin);
  if (allowed !== undefined) {
    headers["access-control-allow-origin"] = allowed;
    if (cors.allowCredentials === true) headers["access-control-allow-credentials"] = "true";
    if (cors.exposeHeaders !== undefined) headers["access-control-expose-headers"] = cors.exposeHeaders.join(",");
  }
  return { ...response, headers };
}

/** What Access-Control-Allow-Origin says to this origin; undefined: nothing. */
function allowedOrigin({ allowOrigins = [] }: Cors, origin: string | undefined): string | undefined {
  if (origin === undefined) {
    return undefined;
  }
  if (allowOrigins.includes("*")) {
    return "*";
  }
  const isAllowed = allowOrigins.some((allowed) =>
    // The only wildcards besides `*` [APIGWDG http-api-cors].
    allowed === "https://*" || allowed === "http://*" ? origin.startsWith(allowed.slice(0, -1)) : allowed === origin,
  );
  return isAllowed ? origin : undefined;
}
