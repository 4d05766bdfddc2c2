/** What is known of one request when it ends. It never holds text of a prompt, a completion or an upstream's message. */
export interface RequestRecord {
  readonly requestId: string;
  readonly route: string;
  readonly coldStart: boolean;
  alias?: string;
  backend?: string;
  promptTokens?: number;
  completionTokens?: number;
  upstreamRequestId?: string | undefined;
  status?: number;
  /** The error's code, for an answer that is one. */
  error?: string;
  /** What made it an error: an upstream's status, an errno, an exception's name. */
  reason?: string | undefined;
  milliseconds?: number;
}

/** Writes one JSON line to standard output, which Lambda sends to the function's log group. */
export function logLine(record: RequestRecord): void {
  process.stdout.write(`${JSON.stringify(record)}\n`);
}
