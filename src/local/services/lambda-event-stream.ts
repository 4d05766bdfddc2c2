import { EventStreamCodec, type Message } from "@smithy/eventstream-codec";
import type { StreamingInvocation } from "../runtime/function-runtime.ts";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

/** The answer of InvokeWithResponseStream: a PayloadChunk for every piece, then how it ended, with the log if asked. */
export async function* invocationEvents(
  { chunks, result }: StreamingInvocation,
  withLog: boolean,
): AsyncGenerator<Uint8Array> {
  for await (const chunk of chunks) yield encode("PayloadChunk", "application/octet-stream", chunk);
  const { functionError, payload, logTail } = await result;
  const complete = {
    ...(functionError !== undefined && { ErrorCode: functionError, ErrorDetails: payload.toString("utf8") }),
    ...(withLog && { LogResult: Buffer.from(logTail).toString("base64") }),
  };
  yield encode("InvokeComplete", "application/json", Buffer.from(JSON.stringify(complete)));
}

function encode(type: string, contentType: string, body: Uint8Array): Uint8Array {
  const headers: Message["headers"] = {
    ":message-type": { type: "string", value: "event" },
    ":event-type": { type: "string", value: type },
    ":content-type": { type: "string", value: contentType },
  };
  return codec.encode({ headers, body });
}
