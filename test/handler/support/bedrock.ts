import type { ServerResponse } from "node:http";
import { EventStreamCodec } from "@smithy/eventstream-codec";

const codec = new EventStreamCodec(
  (bytes) => Buffer.from(bytes).toString("utf8"),
  (text) => Buffer.from(text, "utf8"),
);

export type BedrockEvent = readonly [type: string, members: object];

/** Begins an answer with these events of ConverseStream, in pieces that end nowhere in particular. */
export function beginBedrock(response: ServerResponse, events: readonly BedrockEvent[]): ServerResponse {
  const headers = { "content-type": "application/vnd.amazon.eventstream", "x-amzn-requestid": "bedrock-1" };
  const bytes = Buffer.concat(events.map(([type, members]) => encode(type, members)));
  response.writeHead(200, headers);
  for (let start = 0; start < bytes.length; start += 37) response.write(bytes.subarray(start, start + 37));
  return response;
}

/** Answers with these events. */
export function sendEvents(response: ServerResponse, events: readonly BedrockEvent[]): void {
  beginBedrock(response, events).end();
}

/** An event, or an exception where the type is one's. */
function encode(type: string, members: object): Uint8Array {
  const kind = type.endsWith("Exception") ? "exception" : "event";
  return codec.encode({
    headers: {
      ":message-type": { type: "string", value: kind },
      [`:${kind}-type`]: { type: "string", value: type },
      ":content-type": { type: "string", value: "application/json" },
    },
    body: Buffer.from(JSON.stringify(members)),
  });
}

export const credentials = {
  accessKeyId: "AKIDEXAMPLE",
  secretAccessKey: "example-secret",
  sessionToken: "example-session",
};

/** The environment in which the function takes `endpoint` for Bedrock. */
export function bedrockAt(endpoint: string): Record<string, string> {
  return {
    AWS_REGION: "eu-west-1",
    AWS_ACCESS_KEY_ID: credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: credentials.secretAccessKey,
    AWS_SESSION_TOKEN: credentials.sessionToken,
    AWS_ENDPOINT_URL_BEDROCK_RUNTIME: endpoint,
  };
}
