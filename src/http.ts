import type { IncomingHttpHeaders } from "node:http";
import { text } from "node:stream/consumers";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/**
 * Sends one HTTP request and reads the answer as text. Redirects are answers like any other: nothing is sent elsewhere.
 * Not `fetch`, which costs 30 MB of memory the first time.
 * @throws the signal's reason, a TimeoutError after `limitMs`, or Node's own error when there is no connection
 */
export async function send(
  method: string,
  url: string,
  headers: Readonly<Record<string, string>>,
  body: string | undefined,
  { limitMs, signal }: { readonly limitMs: number; readonly signal: AbortSignal },
): Promise<HttpAnswer> {
  const { request } = url.startsWith("https:") ? await import("node:https") : await import("node:http");
  const limit = AbortSignal.timeout(limitMs);
  try {
    return await new Promise((resolve, reject) => {
      const either = AbortSignal.any([signal, limit]);
      const outgoing = request(url, { method, headers, agent: false, signal: either }, (answer) => {
        text(answer).then(
          (received) => resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: received }),
          reject,
        );
      });
      outgoing.on("error", reject);
      outgoing.end(body);
    });
  } catch (error) {
    signal.throwIfAborted();
    limit.throwIfAborted();
    throw error;
  }
}
