import { createParser } from "eventsource-parser";
import { answerTooLong } from "../errors.ts";

/** Bytes of one event, or of an answer in one piece: Lambda passes on no longer answer [aws 4.9]. */
const LIMIT = 6 * 1024 * 1024;

/** The data of each server-sent event, whatever pieces the bytes come in. Throws an `ApiError` (502) for one above 6 MB. */
export async function* eventData(body: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const ready: string[] = [];
  const parser = createParser({
    maxBufferSize: LIMIT,
    onEvent: ({ data }) => ready.push(data),
    onError: ({ type }) => {
      if (type === "max-buffer-size-exceeded") throw answerTooLong();
    },
  });
  const decoder = new TextDecoder();
  for await (const bytes of body) {
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
    if (size > LIMIT) throw answerTooLong();
    chunks.push(chunk);
  }
  // Unlike a buffer, it leaves out a byte order mark.
  return new TextDecoder().decode(Buffer.concat(chunks));
}
