import type { Answer, Sent } from "../../support/relay.ts";

/** A request and its answer; no answer when the connection broke off. */
export interface Exchange {
  readonly sent: Sent;
  readonly answer: Answer | undefined;
}

/** One breach of the model. */
export interface Finding {
  /** `service Operation request|answer`. */
  readonly where: string;
  /** Path of the member from the shape's top. */
  readonly member: string;
  /** What the model says, and what was there. */
  readonly what: string;
}

/** The service a signature is for; undefined when there is none. */
export function signedFor({ headers }: Sent): string | undefined {
  return /Credential=[^/]+\/\d+\/[^/]+\/([^/]+)\/aws4_request/.exec(headers.authorization ?? "")?.[1];
}

/** A header's value, by lower-case name. */
export function header(headers: Sent["headers"], name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value.join(",") : value;
}
