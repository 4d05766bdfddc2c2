import type { Backend, Completion, FinishReason } from "./backends/backend.ts";
import { withDeadline } from "./deadline.ts";
import { ApiError, badRequest } from "./errors.ts";
import { isRecord } from "./json.ts";
import type { RequestRecord } from "./log.ts";
import { DEFAULT_ALIAS, type ModelEntry, type ModelTable } from "./models.ts";

const DEFAULT_MAX_TOKENS = 1024;

export interface InferenceAnswer {
  readonly id: string;
  readonly model: string;
  readonly output: string;
  readonly finish_reason: FinishReason;
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}

interface InferenceRequest {
  readonly prompt: string;
  readonly alias: string;
  readonly maxTokens: number;
}

/** What answering one request needs. */
export interface InferenceCall {
  /** The parsed request body. */
  readonly body: unknown;
  readonly table: ModelTable;
  /** The backend of an alias, made when it is first asked for. */
  backendOf(alias: string, entry: ModelEntry): Promise<Backend>;
  /** Milliseconds until the answer must be on its way. */
  readonly timeLeftMs: number;
  /** Filled with what becomes known, also when the request fails. */
  readonly record: RequestRecord;
}

/** Answers `POST /inference`. Rejects with an `ApiError` for everything that is not an answer. */
export async function infer({ body, table, backendOf, timeLeftMs, record }: InferenceCall): Promise<InferenceAnswer> {
  const { prompt, alias, maxTokens } = parseRequest(body);
  const entry = findModel(table, alias);
  record.alias = alias;
  record.backend = entry.backend;
  const completion = await withDeadline(timeLeftMs, async (signal) => {
    const backend = await backendOf(alias, entry);
    return backend.complete({ prompt, maxTokens }, signal);
  });
  record.promptTokens = completion.usage.promptTokens;
  record.completionTokens = completion.usage.completionTokens;
  record.upstreamRequestId = completion.upstreamRequestId;
  return toAnswer(record.requestId, alias, completion);
}

/** Unknown fields are ignored, and null means "not given", as OpenAI's clients send it. */
function parseRequest(body: unknown): InferenceRequest {
  if (!isRecord(body))
    throw badRequest("invalid_body", 'The request body must be a JSON object such as {"prompt":"Hello"}.');
  const { prompt } = body;
  const alias = body.model ?? DEFAULT_ALIAS;
  const maxTokens = body.max_tokens ?? DEFAULT_MAX_TOKENS;
  if (typeof prompt !== "string" || prompt.trim() === "") throw invalidField("prompt", "a text that is not empty");
  if (typeof alias !== "string") throw invalidField("model", "a text");
  if (typeof maxTokens !== "number" || !Number.isSafeInteger(maxTokens) || maxTokens < 1) {
    throw invalidField("max_tokens", "a whole number of at least 1");
  }
  return { prompt, alias, maxTokens };
}

function invalidField(param: string, wanted: string): ApiError {
  return badRequest("invalid_value", `"${param}" must be ${wanted}.`, { param });
}

function findModel(table: ModelTable, alias: string): ModelEntry {
  const entry = Object.hasOwn(table.models, alias) ? table.models[alias] : undefined;
  if (entry !== undefined) return entry;
  const aliases = Object.keys(table.models).join(", ");
  throw new ApiError(404, "model_not_found", `There is no model of that name; there is: ${aliases}.`, {
    param: "model",
  });
}

function toAnswer(requestId: string, alias: string, { text, finishReason, usage }: Completion): InferenceAnswer {
  return {
    id: `inference-${requestId}`,
    model: alias,
    output: text,
    finish_reason: finishReason,
    usage: {
      prompt_tokens: usage.promptTokens,
      completion_tokens: usage.completionTokens,
      total_tokens: usage.promptTokens + usage.completionTokens,
    },
  };
}
