import { z } from "zod";

interface HttpOptions {
  readonly method?: string;
  readonly path?: string;
  readonly stage?: string;
  /** "claimed": said to be base64, and sent as it is. */
  readonly base64?: boolean | "claimed";
}

/** The event an HTTP API sends for `POST /prod/inference`, payload format 2.0. */
export function httpEvent(body: string | undefined, options: HttpOptions = {}): unknown {
  const { method = "POST", path = "/inference", stage = "prod", base64 = false } = options;
  const rawPath = stage === "$default" ? path : `/${stage}${path}`;
  return {
    version: "2.0",
    routeKey: `${method} ${path}`,
    rawPath,
    rawQueryString: "",
    headers: { "content-type": "application/json", host: "abc.execute-api.eu-west-1.amazonaws.com" },
    requestContext: {
      accountId: "123456789012",
      apiId: "abc",
      domainName: "abc.execute-api.eu-west-1.amazonaws.com",
      http: { method, path: rawPath, protocol: "HTTP/1.1", sourceIp: "192.0.2.1", userAgent: "test" },
      requestId: "gateway-request",
      routeKey: `${method} ${path}`,
      stage,
      time: "01/Jan/2026:00:00:00 +0000",
      timeEpoch: 1767225600000,
    },
    ...(body === undefined ? {} : { body: base64 === true ? Buffer.from(body).toString("base64") : body }),
    isBase64Encoded: base64 !== false,
  };
}

const errorSchema = z.strictObject({
  error: z.strictObject({
    message: z.string().min(1),
    type: z.enum(["invalid_request_error", "rate_limit_error", "server_error"]),
    param: z.string().nullable(),
    code: z.string().min(1),
  }),
});
const answerSchema = z.strictObject({
  id: z.string().min(1),
  model: z.string(),
  output: z.string(),
  finish_reason: z.enum(["stop", "length", "tool_calls", "content_filter"]),
  truncated: z.literal("deadline").optional(),
  usage: z.strictObject({ prompt_tokens: z.int(), completion_tokens: z.int(), total_tokens: z.int() }),
});
const httpResultSchema = z.strictObject({
  statusCode: z.int(),
  headers: z.record(z.string(), z.string()),
  body: z.string(),
  isBase64Encoded: z.literal(false),
});

/** What came through the HTTP door: a well-formed envelope with a request id, or this throws. */
export function readResult(result: unknown) {
  const { statusCode, headers, body } = httpResultSchema.parse(result);
  if (!headers["x-request-id"]) throw new Error("no x-request-id");
  return { status: statusCode, headers, text: body };
}

/** The answer of `POST /inference` through the HTTP door: well-formed, or this throws. */
export function readHttp(result: unknown) {
  const { text, ...head } = readResult(result);
  return { ...head, body: readDirect(JSON.parse(text)) };
}

/** An error body, or undefined for anything else. */
export function readError(body: unknown) {
  return errorSchema.safeParse(body).data?.error;
}

/** What came through the direct door, or the body of an HTTP answer: `answer` or `error`, well-formed. */
export function readDirect(body: unknown) {
  const error = readError(body);
  return error === undefined ? { answer: answerSchema.parse(body) } : { error };
}
