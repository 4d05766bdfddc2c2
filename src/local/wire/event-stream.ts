import { EventStreamCodec, type Message } from "@smithy/eventstream-codec";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

/** The content type of an answer that consists of events. */
export const EVENT_STREAM = "application/vnd.amazon.eventstream";

/** One event of AWS's event stream encoding. */
export function encodeEvent(type: string, contentType: string, body: Uint8Array): Uint8Array {
  const headers: Message["headers"] = {
    ":message-type": { type: "string", value: "event" },
    ":event-type": { type: "string", value: type },
    ":content-type": { type: "string", value: contentType },
  };
  return codec.encode({ headers, body });
}

/** One event whose members are JSON. */
export function encodeJsonEvent(type: string, members: object): Uint8Array {
  return encodeEvent(type, "application/json", Buffer.from(JSON.stringify(members)));
}
