import { badRequest } from "../errors.ts";
import { isRecord } from "../json.ts";
import { contentType, type Exchange, type Outcome } from "./exchange.ts";

/** The parts in use of an HTTP API event, payload format 2.0 [aws 5.9]. */
export interface HttpEvent {
  readonly version: "2.0";
  readonly rawPath: string;
  readonly requestContext: { readonly stage?: unknown; readonly http: { readonly method: string } };
  readonly body?: unknown;
  readonly isBase64Encoded?: unknown;
}

/** An HTTP API gives up after 30 s and answers 503 while the function runs on [aws 5.4]; two seconds carry the answer. */
const HTTP_API_WAITS_MS = 28_000;

export function isHttpEvent(event: unknown): event is HttpEvent {
  return (
    isRecord(event) &&
    event.version === "2.0" &&
    typeof event.rawPath === "string" &&
    isRecord(event.requestContext) &&
    isRecord(event.requestContext.http) &&
    typeof event.requestContext.http.method === "string"
  );
}

/** A request through an HTTP API. */
export function httpExchange(event: HttpEvent): Exchange {
  return {
    route: `${event.requestContext.http.method} ${pathInStage(event)}`,
    callerWaitsMs: HTTP_API_WAITS_MS,
    readBody: () => parseBody(event),
  };
}

/** `rawPath` begins with the stage, unless the stage is `$default` [aws 5.9]. */
function pathInStage({ rawPath, requestContext: { stage } }: HttpEvent): string {
  return typeof stage === "string" && rawPath.startsWith(`/${stage}/`) ? rawPath.slice(stage.length + 1) : rawPath;
}

function parseBody({ body, isBase64Encoded }: HttpEvent): unknown {
  if (typeof body !== "string" || body === "") throw badRequest("missing_body", "The request has no body; send JSON.");
  // API Gateway encodes every body whose content type it does not take for text.
  const text = isBase64Encoded === true ? Buffer.from(body, "base64").toString("utf8") : body;
  try {
    return JSON.parse(text.replace(/^\uFEFF/, ""));
  } catch {
    throw badRequest("invalid_json", "The request body is not valid JSON.");
  }
}

/** The result that an HTTP API makes its answer of. */
export function httpResult({ status, headers, body }: Outcome): object {
  return {
    statusCode: status,
    headers: { "content-type": contentType(body), ...headers },
    body: typeof body === "string" ? body : JSON.stringify(body),
    isBase64Encoded: false,
  };
}
