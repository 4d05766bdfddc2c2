/** An answer before it is put into an envelope. */
export interface Outcome {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: object;
}

/** One request without its envelope. Each door makes these from its own kind of event. */
export interface Exchange {
  /** Method and path, such as "POST /inference". */
  readonly route: string;
  /** How long whoever stands in front waits for the answer, in milliseconds. */
  readonly callerWaitsMs: number;
  /** The parsed body. Throws an `ApiError` (400) when it is not JSON. */
  readBody(): unknown;
  /** What the handler returns for this outcome. */
  reply(outcome: Outcome): unknown;
}
