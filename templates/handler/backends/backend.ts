import type { Delta } from "../completion.ts";
import type { ModelEntry } from "../models.ts";
import type { ChatRequest } from "../request/chat-request.ts";
import type { Secrets } from "../secrets.ts";

/** What a backend tells the core: the answer's pieces, and the id that the upstream gave to the request, for the log line. */
export type BackendEvent = Delta | { readonly type: "upstream"; readonly requestId: string };

/** One model behind one provider. A backend knows its provider's wire and nothing of routes or envelopes. */
export interface Backend {
  /**
   * One try at one answer, piece by piece. Ends its upstream request when `signal` aborts or the reader stops reading.
   * Throws an `ApiError`: 400 the caller's fault or a field it cannot honour, 413, 429 no room, 502 the upstream failed,
   * 504 it timed out. The error's `recovery` says whether another try, or another backend, may help.
   */
  stream(request: ChatRequest, signal: AbortSignal): AsyncIterable<BackendEvent>;
}

export type Environment = Readonly<Record<string, string | undefined>>;

/** What a backend may use of the function it runs in. */
export interface Surroundings {
  readonly secrets: Secrets;
}

/** What a file in this folder exports. */
export interface BackendModule {
  /** Makes the backend of one entry, once per function instance. Throws an `ApiError` for an entry it cannot use. */
  connect(entry: ModelEntry, surroundings: Surroundings): Backend;
}
