import { createParser } from "eventsource-parser";
import { upstreamFailed } from "../errors.ts";

/** Lambda passes on no answer above 6 MB [aws 4.9], and every token comes in some 200 bytes of JSON. */
const STREAM_LIMIT = 64 * 1024 * 1024;
/** Of one event, or of an answer in one piece. */
const TEXT_LIMIT = 6 * 1024 * 1024;

/** The data of each server-sent event, whatever pieces the bytes come in. Throws an `ApiError` (502) for too many of them. */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const ready: string[] = [];
  const parser = createParser({
    maxBufferSize: TEXT_LIMIT,
    onEvent: ({ data }) => ready.push(data),
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw tooMuch();
    },
  });
  const decoder = new TextDecoder();
  let size = 0;
  for await (const bytes of body) {
    size += bytes.byteLength;
    if (size > STREAM_LIMIT) throw tooMuch();
    parser.feed(decoder.decode(bytes, { stream: true }));
    yield* ready.splice(0);
  }
}

/** The whole body as text. Throws an `ApiError` (502) for more than 6 MB. */
export async function wholeText(body: AsyncIterable<Uint8Array>): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of body) {
    size += chunk.byteLength;
    if (size > TEXT_LIMIT) throw tooMuch();
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

function tooMuch() {
  return upstreamFailed("The model's upstream answered with more than 6 MB.", { reason: "too large" });
}
