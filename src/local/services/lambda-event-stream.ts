import type { StreamingInvocation } from "../runtime/function-runtime.ts";
import { encodeEvent, encodeJsonEvent } from "../wire/event-stream.ts";

/** The answer of InvokeWithResponseStream: a PayloadChunk for every piece, then how it ended, with the log if asked. */
export async function* invocationEvents(
  { chunks, result }: StreamingInvocation,
  withLog: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield encodeEvent("PayloadChunk", "application/octet-stream", chunk);
  const { functionError, payload, logTail } = await result;
  yield encodeJsonEvent("InvokeComplete", {
    ...(functionError !== undefined && { ErrorCode: functionError, ErrorDetails: payload.toString("utf8") }),
    ...(withLog && { LogResult: Buffer.from(logTail).toString("base64") }),
  });
}
