import type { Backend } from "./backends/backend.ts";
import { Collector, type Completion, type Delta } from "./completion.ts";
import { startLimit, TimeIsUp, type TimeLimit } from "./deadline.ts";
import { ApiError, timedOut } from "./errors.ts";
import type { RequestRecord } from "./log.ts";
import type { ModelEntry } from "./models.ts";
import type { ChatRequest } from "./request/chat-request.ts";

/** What every try of one request shares. */
export interface Generation {
  readonly request: ChatRequest;
  backendOf(entry: ModelEntry): Promise<Backend>;
  /** When the answer must be on its way, on the clock of `now`. */
  readonly deadline: number;
  now(): number;
  /** Filled with what becomes known, also when the try fails. */
  readonly record: RequestRecord;
  /** Hears each piece of the answer as it comes. Once it has heard one, nothing is tried again. */
  readonly live?: ((delta: Delta) => Promise<void>) | undefined;
}

/** A whole answer, or what there was of it at the deadline. */
export interface Generated {
  readonly completion: Completion;
  readonly isTruncated: boolean;
}

/**
 * One try of one backend. Resolves with an `ApiError` after which another try may be made, if its `recovery` allows;
 * rejects when that makes no sense. Behind a backend that hangs, the next one needs time of its own: unless it is the
 * last, it has half of what is left to begin with its answer.
 */
export async function attempt(
  generation: Generation,
  entry: ModelEntry,
  isLast: boolean,
): Promise<Generated | ApiError> {
  const { deadline, now, record, live } = generation;
  const leftMs = deadline - now();
  if (leftMs <= 0) throw tooLate();
  noteAttempt(record, entry);
  const limit = startLimit(isLast ? leftMs : leftMs / 2);
  const answer = new Collector();
  let hasBegun = false;
  try {
    for await (const delta of deltas(generation, entry, limit)) {
      if (!hasBegun) {
        hasBegun = true;
        record.firstTokenAt = now();
        limit.set(deadline - now());
      }
      answer.add(delta);
      if (live !== undefined) await limit.within(live(delta));
    }
    return { completion: answer.completion(), isTruncated: false };
  } catch (thrown) {
    if (thrown instanceof TimeIsUp) {
      const completion = answer.partial();
      if (completion !== undefined) return { completion, isTruncated: true };
      return isLast || hasBegun ? tooLate() : tooLate({ recovery: "next" });
    }
    if (thrown instanceof ApiError && (live === undefined || !hasBegun)) return thrown;
    throw thrown;
  } finally {
    limit.end();
  }
}

function noteAttempt(record: RequestRecord, { backend, model }: ModelEntry): void {
  record.attempts = (record.attempts ?? 0) + 1;
  record.backend = backend;
  record.upstreamModel = typeof model === "string" ? model : undefined;
  record.upstreamRequestId = undefined;
  record.firstTokenAt = undefined;
}

async function* deltas(
  { request, backendOf, record }: Generation,
  entry: ModelEntry,
  limit: TimeLimit,
): AsyncGenerator<Delta> {
  const backend = await limit.within(backendOf(entry));
  const events = backend.stream(request, limit.signal)[Symbol.asyncIterator]();
  for (;;) {
    const { done, value } = await limit.within(events.next());
    if (done) return;
    if (value.type === "upstream") record.upstreamRequestId = value.requestId;
    else yield value;
  }
}

function tooLate(details: { readonly recovery?: "next" } = {}): ApiError {
  const message = "The model did not answer in time. Ask for fewer tokens, or invoke the function directly.";
  return timedOut(message, details);
}
