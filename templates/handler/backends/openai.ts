import { ApiError, badRequest, rateLimited, upstreamFailed } from "../errors.ts";
import { isRecord } from "../json.ts";
import type { ModelEntry } from "../models.ts";
import type { Backend, Completion, CompletionRequest, Environment, FinishReason } from "./backend.ts";
import { entryField } from "./entry-field.ts";
import { unreachable } from "./unreachable.ts";

/** Lambda passes on no answer above 6 MB [aws 4.9], so a longer one from upstream is not worth its memory. */
const ANSWER_LIMIT = 6 * 1024 * 1024;
const ERROR_MESSAGE_LIMIT = 500;
const finishReasons: readonly FinishReason[] = ["stop", "length", "tool_calls", "content_filter"];

/** Any server that speaks OpenAI's chat completions: `{ backend: "openai", baseUrl, model }`. */
export function connect(entry: ModelEntry, env: Environment): Backend {
  const url = new URL(`${entryField(entry, "baseUrl").replace(/\/+$/, "")}/chat/completions`);
  const model = entryField(entry, "model");
  const key = env.OPENAI_API_KEY;
  // OpenAI's reasoning models refuse max_tokens; most other servers know only max_tokens.
  const limitField = url.hostname === "api.openai.com" ? "max_completion_tokens" : "max_tokens";

  async function complete({ prompt, maxTokens }: CompletionRequest, signal: AbortSignal): Promise<Completion> {
    const body = { model, messages: [{ role: "user", content: prompt }], [limitField]: maxTokens };
    const headers = { "content-type": "application/json", ...(key ? { authorization: `Bearer ${key}` } : {}) };
    try {
      // A redirect could carry the key to another host.
      const response = await fetch(url, {
        method: "POST",
        headers,
        body: JSON.stringify(body),
        signal,
        redirect: "error",
      });
      const upstreamRequestId = response.headers.get("x-request-id") ?? undefined;
      const text = await readText(response);
      if (!response.ok) throw refusal(response, text, key, upstreamRequestId);
      return { ...parseCompletion(text), upstreamRequestId };
    } catch (error) {
      throw error instanceof ApiError ? error : unreachable(error);
    }
  }
  return { complete };
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.byteLength;
    if (size > ANSWER_LIMIT)
      throw upstreamFailed("The model's upstream answered with more than 6 MB.", { reason: "too large" });
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** What a non-2xx answer means for our caller. 401, 403 and 404 are about our key and configuration, not the request. */
function refusal(
  response: Response,
  text: string,
  key: string | undefined,
  upstreamRequestId: string | undefined,
): ApiError {
  const { status } = response;
  const details = { reason: `upstream ${status}`, upstreamRequestId };
  if (status === 429) return rateLimited(response.headers.get("retry-after"), details);
  const message = errorMessage(text, key);
  if (status === 413)
    return new ApiError(413, "request_too_large", message ?? "The prompt is too large for the model.", details);
  if (status === 400 || status === 422) {
    return badRequest("upstream_refused", message ?? "The model's upstream refused the request.", details);
  }
  return upstreamFailed(`The model's upstream answered with status ${status}.`, details);
}

/** Upstream's own words, which help the caller; some servers repeat the key in them. */
function errorMessage(text: string, key: string | undefined): string | undefined {
  const body = parseJson(text);
  if (!isRecord(body) || !isRecord(body.error) || typeof body.error.message !== "string") return undefined;
  const message = key ? body.error.message.replaceAll(key, "[key]") : body.error.message;
  return message.slice(0, ERROR_MESSAGE_LIMIT);
}

function parseCompletion(text: string): Completion {
  const body = parseJson(text);
  const choice: unknown = isRecord(body) && Array.isArray(body.choices) ? body.choices[0] : undefined;
  const message = isRecord(choice) ? choice.message : undefined;
  // A model that spent all its tokens on reasoning, or was filtered, answers `content: null`.
  const content = isRecord(message) && message.content === null ? "" : isRecord(message) ? message.content : undefined;
  if (!isRecord(body) || !isRecord(choice) || typeof content !== "string") {
    throw upstreamFailed("The model's upstream did not answer with a chat completion.", { reason: "not a completion" });
  }
  const usage = isRecord(body.usage) ? body.usage : {};
  return {
    text: content,
    finishReason: finishReasons.find((known) => known === choice.finish_reason) ?? "stop",
    usage: { promptTokens: count(usage.prompt_tokens), completionTokens: count(usage.completion_tokens) },
  };
}

function count(value: unknown): number {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : 0;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
