import { member, parseJson } from "../json.ts";

/** What came back, over HTTP or from the function itself. */
export interface Answer {
  readonly status: number;
  readonly requestId: string | undefined;
  readonly text: string;
  /** undefined when the text is not JSON. */
  readonly json: unknown;
  /** Whether the built-in function ran out of time and answered with what it had. */
  readonly isTruncated: boolean;
  /** Why API Gateway would answer 500 in its place; undefined: it would not, or has passed it on. */
  readonly refusal?: string | undefined;
}

/**
 * @param truncated what the header x-llm-gw-truncated says, which every route has over HTTP; the body of `/inference` says
 *   it too, and has to where there are no headers
 */
export function answer(status: number, requestId: string | undefined, text: string, truncated?: unknown): Answer {
  const json = parseJson(text);
  return { status, requestId, text, json, isTruncated: [truncated, member(json, "truncated")].includes("deadline") };
}

/** The code of the error in an answer: OpenAI's shape, or Lambda's. */
export function errorType({ json }: Pick<Answer, "json">): string | undefined {
  const found = member(member(json, "error"), "code") ?? member(json, "errorType");
  return typeof found === "string" ? found : undefined;
}

/** Where to look when a function fails. */
export const LOG_HINT = "Look into the function's log: llm-gw logs";

/** API Gateway's own 404: a function's has another body [aws 5.9]. */
export function isGatewayNotFound(text: string): boolean {
  return /^\{"message":\s*"Not Found"\}$/.test(text);
}

/** API Gateway's own 403, word for word; a function may say the same. */
export function isGatewayForbidden(text: string): boolean {
  return /^\{"message":\s*"Forbidden"\}$/.test(text);
}

/** What a person wants to read: the answer's `output`, a string as it is, else the body. */
export function outputText({ json, text }: Answer): string {
  if (typeof json === "string") return json;
  const output = member(json, "output");
  return typeof output === "string" ? output : text;
}

/** The message in an error body: OpenAI's shape, API Gateway's, Lambda's, or the beginning of the text. */
export function errorMessage({ json, text }: Answer): string {
  const candidates = [member(member(json, "error"), "message"), member(json, "message"), member(json, "errorMessage")];
  const message = candidates.find((candidate) => typeof candidate === "string" && candidate !== "");
  return typeof message === "string" ? message : text.slice(0, 300) || "no message";
}
