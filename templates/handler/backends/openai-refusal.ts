import { type ApiError, badRequest, rateLimited, tooLarge, upstreamFailed } from "../errors.ts";
import { isRecord, parseJson } from "../json.ts";
import { waitOf } from "../retry-after.ts";

const ERROR_MESSAGE_LIMIT = 500;
/** What a field's path, or an error's code or type looks like. */
const WORD = /^[\w.[\]-]{1,64}$/;
/** What may pass in a moment; 529 is "overloaded" [gateway 5]. */
const PASSING: readonly number[] = [408, 500, 502, 503, 504, 529];

/** What our own side knows of a refused request. */
interface Asked {
  /** Taken out of what is passed on of the answer. */
  readonly key: string | undefined;
  /** Whether another try has a newer key. */
  readonly hasNewerKey: boolean;
}

/**
 * What an answer that is not 2xx means for our caller. 401, 403 and 404 are about our key and configuration, not the request.
 * `text` is the answer's body.
 */
export function refusal({ status, headers }: Response, text: string, { key, hasNewerKey }: Asked): ApiError {
  const wait = waitOf((name) => headers.get(name));
  const { message, param, code, type } = wordsOf(text, key);
  // Its message may repeat the prompt, so the log has only the word for what is wrong.
  const reason = ["upstream", status, code ?? type].filter((part) => part !== undefined).join(" ");
  if (status === 429) {
    // Nobody's waiting fills an empty account.
    return rateLimited(wait, { reason, recovery: code === "insufficient_quota" ? "next" : "retry" });
  }
  if (status === 413) return tooLarge(message ?? "The prompt is too large for the model.", { reason });
  if (status === 400 || status === 422) {
    return badRequest(code ?? "upstream_refused", message ?? "The model's upstream refused the request.", {
      reason,
      ...(param !== undefined && { param }),
    });
  }
  return upstreamFailed(`The model's upstream answered with status ${status}.`, {
    reason,
    ...((PASSING.includes(status) || hasNewerKey) && { recovery: "retry", retryAfterMs: wait.ms }),
  });
}

interface Words {
  readonly message?: string | undefined;
  readonly param?: string | undefined;
  readonly code?: string | undefined;
  readonly type?: string | undefined;
}

/**
 * Upstream's own words, which help the caller. OpenAI has them in `error`, vLLM at the top; others know only a text, as
 * `error` or `detail`, and FastAPI a list of what is wrong. Some repeat the key in them.
 */
function wordsOf(json: string, key: string | undefined): Words {
  const body = parseJson(json);
  if (!isRecord(body)) return {};
  const error = isRecord(body.error) ? body.error : body;
  const [detail]: readonly unknown[] = [body.detail].flat();
  const places = [error.message, body.error, detail, isRecord(detail) ? detail.msg : undefined];
  const withoutKey = (value: unknown) => {
    if (typeof value !== "string" || value === "") return undefined;
    return key === undefined ? value : value.replaceAll(key, "[key]");
  };
  const word = (value: unknown) => {
    const text = withoutKey(value);
    return text !== undefined && WORD.test(text) ? text : undefined;
  };
  const message = places.map(withoutKey).find((one) => one !== undefined);
  return {
    message: message?.slice(0, ERROR_MESSAGE_LIMIT),
    ...{ param: word(error.param), code: word(error.code), type: word(error.type) },
  };
}
