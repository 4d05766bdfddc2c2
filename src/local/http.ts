/** A request as the local AWS handles it: read whole, nothing decoded. */
export interface HttpRequest {
  readonly method: string;
  /** As sent, percent-encoding untouched, without the query. SigV4 signs exactly this. */
  readonly path: string;
  /** As sent, without the question mark; "" when there is none. */
  readonly query: string;
  /** Names in lower case, without a prototype; a repeated header is joined with a comma, `cookie` with a semicolon. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly sourceIp: string;
}

export interface HttpResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[]>>;
  /** A stream is sent in chunks, as they come. */
  readonly body: Buffer | string | AsyncIterable<Uint8Array>;
}
