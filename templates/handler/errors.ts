import type { Wait } from "./retry-after.ts";

interface Details {
  /** The request field at fault. */
  readonly param?: string;
  /** Answer headers beside x-request-id. */
  readonly headers?: Readonly<Record<string, string>>;
  /** For the log line: a status, an errno, a name. Never text that came from a prompt or a model. */
  readonly reason?: string | undefined;
  /** The id the upstream gave to the failed request, for the log line. */
  readonly upstreamRequestId?: string | undefined;
  /** What may cure it; left out: nothing, because the request itself is at fault or time is up. */
  readonly recovery?: Recovery;
  /** How long the upstream asks to wait before it is tried again, in milliseconds. */
  readonly retryAfterMs?: number | undefined;
}

/** "retry": the same backend may answer in a moment, else the next one. "next": only another backend may. */
type Recovery = "retry" | "next";

/**
 * An answer that is not a completion. `message` goes to the caller, so it holds neither a key nor an upstream's address;
 * `code` is stable and meant for programs.
 */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  readonly param: string | null;
  readonly headers: Readonly<Record<string, string>>;
  readonly reason: string | undefined;
  readonly upstreamRequestId: string | undefined;
  readonly recovery: Recovery | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(status: number, code: string, message: string, details: Details = {}) {
    super(message);
    this.name = "ApiError";
    this.status = status;
    this.code = code;
    this.param = details.param ?? null;
    this.headers = details.headers ?? {};
    this.reason = details.reason;
    this.upstreamRequestId = details.upstreamRequestId;
    this.recovery = details.recovery;
    this.retryAfterMs = details.retryAfterMs;
  }
}

/** The body of an error answer, in the form the OpenAI SDKs parse. */
export interface ErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string;
  };
}

/** The body of the answer for `error`. */
export function errorBody(error: ApiError): ErrorBody {
  return { error: { message: error.message, type: errorType(error.status), param: error.param, code: error.code } };
}

function errorType(status: number): string {
  if (status === 429) return "rate_limit_error";
  return status < 500 ? "invalid_request_error" : "server_error";
}

/** 400: the caller's request is at fault; `param` names the field when there is one. */
export function badRequest(code: string, message: string, details: Details = {}): ApiError {
  return new ApiError(400, code, message, details);
}

/** 400: a field that asks for what the backend cannot do. Another backend of the alias may. */
export function unsupported(param: string, backend: string): ApiError {
  const message = `"${param}" asks for something that the backend "${backend}" of this model cannot do.`;
  return badRequest("unsupported_field", message, { param, recovery: "next" });
}

/** 413: more than the gateway or the model takes. */
export function tooLarge(message: string, details: Details = {}): ApiError {
  return new ApiError(413, "request_too_large", message, details);
}

/** 429: the upstream has no room for this request now. What it says of the time to wait is passed on. */
export function rateLimited(wait: Wait, details: Details): ApiError {
  const message = "The model's upstream is limiting requests; try again later.";
  return new ApiError(429, "rate_limit_exceeded", message, {
    recovery: "retry",
    ...details,
    retryAfterMs: wait.ms,
    headers: wait.headers,
  });
}

/** 502: the upstream failed, or refused for a reason the caller cannot change. Another backend may do better. */
export function upstreamFailed(message: string, details: Details): ApiError {
  return new ApiError(502, "upstream_error", message, { recovery: "next", ...details });
}

/** 500: what the deployer has written cannot be used. Another backend may be configured better. */
export function misconfigured(message: string, details: Details = {}): ApiError {
  return new ApiError(500, "bad_configuration", message, { ...details, recovery: "next" });
}

/** 502: an answer that Lambda would not pass on [aws 4.9]. */
export function answerTooLong(): ApiError {
  return upstreamFailed("The answer is larger than the 6 MB that Lambda passes on.", { reason: "too large" });
}

/** 504: time ran out. */
export function timedOut(message: string, details: Details = {}): ApiError {
  return new ApiError(504, "deadline_exceeded", message, details);
}
