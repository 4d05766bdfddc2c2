import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AnswerStream } from "./answer-stream.ts";
import { type Body, collect, handOn, refuse, reply } from "./runtime-http.ts";

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
const TOO_LARGE = { errorType: "RequestEntityTooLarge", errorMessage: "Exceeded maximum response size" };

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
    // A handler may work for minutes between two calls over one connection, and for long on an answer it streams. The
    // trailers of such an answer count as headers, and hold a stack.
    const server = createServer({ keepAliveTimeout: 0, requestTimeout: 0, maxHeaderSize: 1024 * 1024 });
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
    reply(poll, 200, invocation.payload, [
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
        reply(response, 202, ACCEPTED);
        this.#events?.initFailed(payload);
      });
    } else {
      const [, requestId = "", kind] =
        /^POST \/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(call) ?? [];
      if (kind === undefined) {
        refuse(request, response, 404, { errorType: "InvalidPath", errorMessage: `no such call: ${call}` });
      } else {
        this.#answered(request, response, requestId, kind === "error" ? "error" : "response");
      }
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

  #answered(request: IncomingMessage, response: ServerResponse, requestId: string, kind: Answer["kind"]): void {
    const current = this.#current;
    if (current?.requestId !== requestId) {
      refuse(request, response, 400, { errorType: "InvalidRequestID", errorMessage: "Invalid request ID" });
      return;
    }
    this.#current = undefined;
    const stream =
      request.headers["lambda-runtime-function-response-mode"] === "streaming" ? current.stream : undefined;
    const done = ({ payload, tooLarge }: Body) => {
      if (request.headers["llm-gw-and-next"] !== undefined) {
        this.#wait(response);
      } else if (tooLarge) {
        refuse(request, response, 413, TOO_LARGE);
      } else {
        reply(response, 202, ACCEPTED);
      }
      const answer = { kind: tooLarge ? ("too-large" as const) : kind, payload, streamed: stream !== undefined };
      // A function that fails after it began to answer says so behind what it wrote.
      const failure = request.trailers["lambda-runtime-function-error-body"];
      const failed =
        failure === undefined
          ? answer
          : { kind: "error" as const, payload: Buffer.from(failure, "base64"), streamed: false };
      this.#events?.answered(failed);
    };
    if (stream === undefined) {
      collect(request, done);
    } else {
      // One that breaks off is never done: its process is gone.
      handOn(request, stream).then(done, () => response.destroy());
    }
  }
}
