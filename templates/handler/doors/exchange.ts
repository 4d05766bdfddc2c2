/** An answer before it is put into an envelope. */
export interface Outcome extends AnswerHead {
  /** An object is JSON, a text the server-sent events that are still to be sent. */
  readonly body: object | string;
}

/** What goes before an answer's body. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/** One request without its envelope. Each door makes these from its own kind of event. */
export interface Exchange {
  /** Method and path, such as "POST /inference". */
  readonly route: string;
  /** How long whoever stands in front waits for the answer, in milliseconds. */
  readonly callerWaitsMs: number;
  /** The parsed body. Throws an `ApiError` (400) when it is not JSON. */
  readBody(): unknown;
  /** Sends server-sent events ahead of the outcome, and before the first of them the head. Only where a door can. */
  readonly send?: (head: AnswerHead, events: string) => Promise<void>;
}

/** The content type of a body. */
export function contentType(body: object | string): string {
  return typeof body === "string" ? "text/event-stream; charset=utf-8" : "application/json";
}
