import { type ApiError, badRequest, rateLimited, tooLarge, upstreamFailed, waitOf } from "../errors.ts";
import { isRecord, parseJson } from "../json.ts";

const ERROR_MESSAGE_LIMIT = 500;
/** What may pass in a moment; 529 is "overloaded" [gateway 5]. */
const PASSING: readonly number[] = [408, 500, 502, 503, 504, 529];

/**
 * What an answer that is not 2xx means for our caller. 401, 403 and 404 are about our key and configuration, not the request.
 * `text` is the answer's body, and `key` is taken out of what is passed on of it.
 */
export function refusal({ status, headers }: Response, text: string, key: string | undefined): ApiError {
  const reason = `upstream ${status}`;
  const retryAfter = headers.get("retry-after");
  if (status === 429) return rateLimited(retryAfter, { reason });
  if (status === 413) return tooLarge(errorMessage(text, key) ?? "The prompt is too large for the model.", { reason });
  if (status === 400 || status === 422) {
    return badRequest("upstream_refused", errorMessage(text, key) ?? "The model's upstream refused the request.", {
      reason,
    });
  }
  return upstreamFailed(`The model's upstream answered with status ${status}.`, {
    reason,
    ...(PASSING.includes(status) ? { recovery: "retry", retryAfterMs: waitOf(retryAfter) } : {}),
  });
}

/** Upstream's own words, which help the caller; some servers repeat the key in them. */
function errorMessage(text: string, key: string | undefined): string | undefined {
  const body = parseJson(text);
  if (!isRecord(body) || !isRecord(body.error) || typeof body.error.message !== "string") return undefined;
  const message = key ? body.error.message.replaceAll(key, "[key]") : body.error.message;
  return message.slice(0, ERROR_MESSAGE_LIMIT);
}
