// How the Runtime API reads what a process sends, and answers it.
import type { IncomingMessage, ServerResponse } from "node:http";
import type { AnswerStream } from "./answer-stream.ts";
import type { Failure } from "./failures.ts";

/** 6 MB and a small overhead for the JSON around it [aws 4.9]. */
export const MAX_RESPONSE_BYTES = 6_291_556;
/** Of an answer that is handed on as it comes [aws 4.9]. The rate of 2 MB/s after its first 6 MB is not imitated. */
export const MAX_STREAMED_BYTES = 200 * 1024 * 1024;

/** A body read to its end. */
export interface Body {
  readonly payload: Buffer;
  readonly tooLarge: boolean;
}

/** Reads a body to its end. One that breaks off is never done: its process is gone. */
export function collect(request: IncomingMessage, done: (body: Body) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_RESPONSE_BYTES) {
      chunks.push(chunk);
    }
  });
  request.on("end", () => {
    const tooLarge = bytes > MAX_RESPONSE_BYTES;
    done({ payload: Buffer.concat(tooLarge ? [] : chunks), tooLarge });
  });
}

/** Hands a body on to its reader, no faster than it is read. */
export async function handOn(request: IncomingMessage, stream: AnswerStream): Promise<Body> {
  stream.begin(request.headers["content-type"]);
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes <= MAX_STREAMED_BYTES) {
      await stream.push(chunk);
    }
  }
  return { payload: Buffer.alloc(0), tooLarge: bytes > MAX_STREAMED_BYTES };
}

export function reply(
  response: ServerResponse | undefined,
  status: number,
  body: string | Buffer,
  headers: string[] = [],
): void {
  const length = String(Buffer.byteLength(body));
  response?.writeHead(status, ["content-type", "application/json", "content-length", length, ...headers]).end(body);
}

export function refuse(request: IncomingMessage, response: ServerResponse, status: number, failure: Failure): void {
  request.resume();
  reply(response, status, JSON.stringify(failure));
}
