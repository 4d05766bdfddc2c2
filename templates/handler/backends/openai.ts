import { startLimit } from "../deadline.ts";
import { ApiError } from "../errors.ts";
import type { ModelEntry } from "../models.ts";
import type { ChatRequest } from "../request/chat-request.ts";
import type { SecretReference } from "../secrets.ts";
import type { Backend, BackendEvent, Surroundings } from "./backend.ts";
import { entryField, entrySecret } from "./entry-field.ts";
import { eventData, wholeText } from "./event-source.ts";
import { openaiBody } from "./openai-body.ts";
import { ChunkReader } from "./openai-chunks.ts";
import { refusal } from "./openai-refusal.ts";
import { brokenOff, unreachable } from "./unreachable.ts";

const OPENAI = "https://api.openai.com";
/** Only OpenAI's own API has a key without an entry for it: any other server would be given a key that is not its own. */
const OPENAI_KEY: SecretReference = { source: "env", name: "OPENAI_API_KEY" };

/** Any server that speaks OpenAI's chat completions: `{ backend: "openai", baseUrl, model, key? }`. */
export function connect(entry: ModelEntry, { secrets }: Surroundings): Backend {
  const url = new URL(`${entryField(entry, "baseUrl").replace(/\/+$/, "")}/chat/completions`);
  const model = entryField(entry, "model");
  const isOpenai = url.origin === OPENAI;
  const reference = entrySecret(entry, "key") ?? (isOpenai ? OPENAI_KEY : undefined);
  // OpenAI's reasoning models refuse max_tokens; most other servers know only max_tokens.
  const limitField = isOpenai ? "max_completion_tokens" : "max_tokens";

  async function* stream(request: ChatRequest, signal: AbortSignal): AsyncGenerator<BackendEvent> {
    const key = reference && (await secrets.read(reference, signal));
    try {
      const response = await fetch(url, {
        method: "POST",
        headers: { "content-type": "application/json", ...(key !== undefined && { authorization: `Bearer ${key}` }) },
        body: openaiBody(request, model, limitField),
        signal,
        // It could carry the key to another host.
        redirect: "error",
      });
      const requestId = response.headers.get("x-request-id");
      if (requestId !== null) yield { type: "upstream", requestId };
      if (!response.ok) {
        const isKeyRefused = response.status === 401 && reference !== undefined && key !== undefined;
        const hasNewerKey = isKeyRefused && secrets.refused(reference, key);
        throw refusal(response, await wholeText(bodyOf(response)), { key, hasNewerKey });
      }
      yield* answerOf(response);
    } catch (error) {
      throw error instanceof ApiError ? error : unreachable(error);
    }
  }
  return { stream };
}

async function* answerOf(response: Response): AsyncGenerator<BackendEvent> {
  const reader = new ChunkReader();
  if (!/\btext\/event-stream\b/i.test(response.headers.get("content-type") ?? "")) {
    // A server that does not stream answers in one piece.
    yield* reader.read(await wholeText(bodyOf(response)));
  } else {
    for await (const data of untilDone(eventData(bodyOf(response)))) yield* reader.read(data);
  }
  // A connection that closes in between looks like an end.
  if (!reader.isFinished) throw brokenOff();
}

/** A connection whose answer was read to its end serves the next request; a server that does not end it is not waited for. */
const END_MS = 100;

/** The events before the one that ends them. */
async function* untilDone(events: AsyncGenerator<string>): AsyncGenerator<string> {
  try {
    for (;;) {
      const { done, value } = await events.next();
      if (done) return;
      if (value === "[DONE]") break;
      yield value;
    }
    const limit = startLimit(END_MS);
    // The answer is whole, however its connection ends.
    await limit.within(events.next()).catch(() => {});
    limit.end();
  } finally {
    // Not waited for: a read that is under way ends only with the request.
    events.return(undefined).catch(() => {});
  }
}

async function* bodyOf({ body }: Response): AsyncGenerator<Uint8Array> {
  if (body !== null) yield* body;
}
