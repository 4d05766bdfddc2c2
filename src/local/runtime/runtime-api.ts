import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";

/** 6 MB and a small overhead for the JSON around it [aws 4.9]. */
export const MAX_RESPONSE_BYTES = 6_291_556;

export interface Invocation {
  readonly requestId: string;
  readonly functionArn: string;
  readonly traceId: string;
  /** Epoch milliseconds. */
  readonly deadlineMs: number;
  readonly payload: Buffer;
}

export interface Answer {
  readonly kind: "response" | "error" | "too-large";
  readonly payload: Buffer;
}

const PREFIX = "/2018-06-01/runtime";

/** The Lambda Runtime API for one process, over HTTP as on AWS [aws 4.12]. */
export class RuntimeApi {
  /** Settles when the process reports that it could not load the handler. */
  readonly initError: Promise<Buffer>;
  readonly #server: Server;
  #reportInitError: (payload: Buffer) => void = () => {};
  #poll: ServerResponse | undefined;
  #onPoll: () => void = () => {};
  #current: { readonly requestId: string; readonly settle: (answer: Answer) => void } | undefined;

  constructor() {
    this.initError = new Promise((resolve) => {
      this.#reportInitError = resolve;
    });
    this.#server = createServer((request, response) => {
      this.#handle(request, response).catch(() => response.destroy());
    });
    // A handler may work for minutes between two calls over one connection; it must find the connection open.
    this.#server.keepAliveTimeout = 0;
  }

  /** Starts to listen; the answer is the value of AWS_LAMBDA_RUNTIME_API. */
  async listen(): Promise<string> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, "127.0.0.1", resolve);
    });
    const address = this.#server.address();
    if (address === null || typeof address === "string") {
      throw new Error("the Runtime API has no port");
    }
    return `127.0.0.1:${address.port}`;
  }

  /** Settles when the process waits for work: at once if it already does. */
  async polled(): Promise<void> {
    if (this.#poll === undefined) {
      await new Promise<void>((resolve) => {
        this.#onPoll = resolve;
      });
    }
  }

  /** Gives the waiting process its next request and returns what it makes of it. */
  send(invocation: Invocation): Promise<Answer> {
    const poll = this.#poll;
    this.#poll = undefined;
    return new Promise((settle) => {
      this.#current = { requestId: invocation.requestId, settle };
      poll?.writeHead(200, {
        "content-type": "application/json",
        "content-length": invocation.payload.length,
        "lambda-runtime-aws-request-id": invocation.requestId,
        "lambda-runtime-deadline-ms": invocation.deadlineMs,
        "lambda-runtime-invoked-function-arn": invocation.functionArn,
        "lambda-runtime-trace-id": invocation.traceId,
      });
      poll?.end(invocation.payload);
    });
  }

  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const call = `${request.method} ${request.url}`;
    if (call === `GET ${PREFIX}/invocation/next`) {
      this.#wait(response);
      return;
    }
    const body = await readBody(request);
    if (call === `POST ${PREFIX}/init/error`) {
      this.#reportInitError(body.content);
      return reply(response, 202, { status: "OK" });
    }
    const [, requestId, kind] = /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
    if (requestId === undefined) {
      return reply(response, 404, { errorType: "InvalidPath", errorMessage: `no such call: ${call}` });
    }
    const current = this.#current;
    if (current?.requestId !== requestId) {
      return reply(response, 400, { errorType: "InvalidRequestID", errorMessage: "Invalid request ID" });
    }
    this.#current = undefined;
    if (body.tooLarge) {
      reply(response, 413, { errorType: "RequestEntityTooLarge", errorMessage: "Exceeded maximum response size" });
      current.settle({ kind: "too-large", payload: Buffer.alloc(0) });
      return;
    }
    reply(response, 202, { status: "OK" });
    current.settle({ kind: kind === "error" ? "error" : "response", payload: body.content });
  }

  #wait(response: ServerResponse): void {
    this.#poll = response;
    response.once("close", () => {
      if (this.#poll === response) {
        this.#poll = undefined;
      }
    });
    this.#onPoll();
  }
}

async function readBody(request: IncomingMessage): Promise<{ content: Buffer; tooLarge: boolean }> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of request) {
    size += chunk.length;
    if (size <= MAX_RESPONSE_BYTES) {
      chunks.push(chunk);
    }
  }
  return { content: Buffer.concat(chunks), tooLarge: size > MAX_RESPONSE_BYTES };
}

function reply(response: ServerResponse, status: number, body: object): void {
  const text = JSON.stringify(body);
  response.writeHead(status, { "content-type": "application/json", "content-length": Buffer.byteLength(text) });
  response.end(text);
}
