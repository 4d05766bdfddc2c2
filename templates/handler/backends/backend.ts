import type { ModelEntry } from "../models.ts";

/** What every backend is asked. */
export interface CompletionRequest {
  readonly prompt: string;
  readonly maxTokens: number;
}

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** Tokens as the upstream counted them; 0 where it did not say. */
interface Usage {
  readonly promptTokens: number;
  readonly completionTokens: number;
}

export interface Completion {
  readonly text: string;
  readonly finishReason: FinishReason;
  readonly usage: Usage;
  /** The id the upstream gave to this request, for the log line. */
  readonly upstreamRequestId?: string | undefined;
}

/** One model behind one provider. A backend knows its provider's wire and nothing of routes or envelopes. */
export interface Backend {
  /**
   * One completion. Ends its upstream request when `signal` aborts.
   * Rejects with an `ApiError`: 400 the caller's fault, 429 no room, 502 the upstream failed, 504 it timed out.
   */
  complete(request: CompletionRequest, signal: AbortSignal): Promise<Completion>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a file in this folder exports. */
export interface BackendModule {
  /** Makes the backend of one alias, once per function instance. Throws an `ApiError` for an entry it cannot use. */
  connect(entry: ModelEntry, env: Environment): Backend;
}
