import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AnswerStream } from "./answer-stream.ts";

/** 6 MB and a small overhead for the JSON around it [aws 4.9]. */
export const MAX_RESPONSE_BYTES = 6_291_556;
/** Of an answer that is handed on as it comes [aws 4.9]. The rate of 2 MB/s after its first 6 MB is not imitated. */
export const MAX_STREAMED_BYTES = 200 * 1024 * 1024;

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly traceId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly payload: Buffer;
  /** Takes an answer that the function streams; without one such an answer is collected. */
  readonly stream: AnswerStream | undefined;
}

export interface Answer {
  readonly kind: "response" | "error" | "too-large";
  /** Empty for a response that went to the invocation's stream. */
  readonly payload: Buffer;
  readonly streamed: boolean;
}

/** What the process does, as it does it. */
export interface RuntimeEvents {
  /** It asks for work. */
  polled(): void;
  /** It could not load the handler. */
  initFailed(failure: Buffer): void;
  /** It has answered the request it was given. */
  answered(answer: Answer): void;
}

const PREFIX = "/2018-06-01/runtime";
const ACCEPTED = '{"status":"OK"}';

/** The Lambda Runtime API for one process, over HTTP as on AWS [aws 4.12]. */
export class RuntimeApi {
  /** The value of AWS_LAMBDA_RUNTIME_API. */
  readonly address: string;
  readonly #server: Server;
  #events: RuntimeEvents | undefined;
  #poll: ServerResponse | undefined;
  #current: Invocation | undefined;

  private constructor(server: Server, address: string) {
    this.#server = server;
    this.address = address;
    server.on("request", (request, response) => this.#handle(request, response));
  }

  static async listen(): Promise<RuntimeApi> {
    // A handler may work for minutes between two calls over one connection, and for long on an answer it streams.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0 });
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    const address = server.address();
    if (address === null || typeof address === "string") {
      throw new Error("the Runtime API has no port");
    }
    return new RuntimeApi(server, `127.0.0.1:${address.port}`);
  }

  /** Tells from now on what the process does. */
  report(events: RuntimeEvents): void {
    this.#events = events;
  }

  /** Whether the process waits for work. */
  get polling(): boolean {
    return this.#poll !== undefined;
  }

  /** Gives the process, which must be waiting for it, its next request. */
  send(invocation: Invocation): void {
    this.#current = invocation;
    const poll = this.#poll;
    this.#poll = undefined;
    answer(poll, 200, invocation.payload, [
      "lambda-runtime-aws-request-id",
      invocation.requestId,
      "lambda-runtime-deadline-ms",
      String(invocation.deadlineMs),
      "lambda-runtime-invoked-function-arn",
      invocation.functionArn,
      "lambda-runtime-trace-id",
      invocation.traceId,
    ]);
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  #handle(request: IncomingMessage, response: ServerResponse): void {
    response.sendDate = false;
    const call = `${request.method} ${request.url}`;
    if (call === `GET ${PREFIX}/invocation/next`) {
      this.#wait(response);
    } else if (call === `POST ${PREFIX}/init/error`) {
      collect(request, ({ payload }) => {
        answer(response, 202, ACCEPTED);
        this.#events?.initFailed(payload);
      });
    } else {
      const [, requestId, kind] =
        /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
      this.#answered(request, response, requestId, kind === "error" ? "error" : "response");
    }
  }

  #wait(response: ServerResponse): void {
    this.#poll = response;
    response.once("close", () => {
      if (this.#poll === response) {
        this.#poll = undefined;
      }
    });
    this.#events?.polled();
  }

  #answered(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string | undefined,
    kind: "response" | "error",
  ): void {
    const current = this.#current;
    if (requestId === undefined) {
      return refuse(request, response, 404, "InvalidPath", `no such call: ${request.method} ${request.url}`);
    }
    if (current?.requestId !== requestId) {
      return refuse(request, response, 400, "InvalidRequestID", "Invalid request ID");
    }
    this.#current = undefined;
    const streaming = request.headers["lambda-runtime-function-response-mode"] === "streaming";
    const done = ({ payload, tooLarge }: Collected) => {
      const failure = trailer(request, "error-body");
      if (tooLarge) {
        refuse(request, response, 413, "RequestEntityTooLarge", "Exceeded maximum response size");
      } else {
        answer(response, 202, ACCEPTED);
      }
      // A function that fails after it began to answer says so behind what it wrote.
      if (failure !== undefined) {
        this.#events?.answered({ kind: "error", payload: Buffer.from(failure, "base64"), streamed: false });
      } else {
        const streamed = streaming && current.stream !== undefined;
        this.#events?.answered({ kind: tooLarge ? "too-large" : kind, payload, streamed });
      }
    };
    if (streaming && current.stream !== undefined) {
      handOn(request, current.stream).then(done, () => response.destroy());
    } else {
      collect(request, done);
    }
  }
}

interface Collected {
  readonly payload: Buffer;
  readonly tooLarge: boolean;
}

/** Reads a body to its end. One that breaks off is never done: its process is gone. */
function collect(request: IncomingMessage, done: (collected: Collected) => void): void {
  const chunks: Buffer[] = [];
  let bytes = 0;
  request.on("data", (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes <= MAX_RESPONSE_BYTES) {
      chunks.push(chunk);
    }
  });
  request.on("end", () => done({ payload: Buffer.concat(chunks), tooLarge: bytes > MAX_RESPONSE_BYTES }));
}

/** Hands a body on to its reader, no faster than it is read. */
async function handOn(request: IncomingMessage, stream: AnswerStream): Promise<Collected> {
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

function trailer(request: IncomingMessage, name: string): string | undefined {
  return request.trailers[`lambda-runtime-function-${name}`];
}

function answer(
  response: ServerResponse | undefined,
  status: number,
  body: string | Buffer,
  headers: string[] = [],
): void {
  const length = String(Buffer.byteLength(body));
  response?.writeHead(status, ["content-type", "application/json", "content-length", length, ...headers]).end(body);
}

function refuse(
  request: IncomingMessage,
  response: ServerResponse,
  status: number,
  errorType: string,
  errorMessage: string,
): void {
  request.resume();
  answer(response, status, JSON.stringify({ errorType, errorMessage }));
}
