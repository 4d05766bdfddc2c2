// What a handler wrapped in awslambda.streamifyResponse writes its answer to.
import { Writable } from "node:stream";
import { describe, named } from "./errors.mjs";

// The names AWS uses; libraries that wrap handlers copy these marks.
const STREAMING = Symbol.for("aws.lambda.runtime.handler.streaming");
const HIGH_WATER_MARK = Symbol.for("aws.lambda.runtime.handler.streaming.highWaterMark");

const PRELUDE_TYPE = "application/vnd.awslambda.http-integration-response";
const PRELUDE_END = new Uint8Array(8);

/** The global that handlers find on AWS. */
export const awslambda = {
  streamifyResponse(handler, options) {
    handler[STREAMING] = "response";
    if (typeof options?.highWaterMark === "number") {
      handler[HIGH_WATER_MARK] = options.highWaterMark;
    }
    return handler;
  },
  HttpResponseStream: {
    /** Puts the status, headers and cookies of an HTTP answer before its body. */
    from(stream, prelude) {
      stream.setContentType(PRELUDE_TYPE);
      stream._onBeforeFirstWrite = (write) => {
        write(JSON.stringify(prelude));
        write(PRELUDE_END);
      };
      return stream;
    },
  },
};

export function isStreaming(handler) {
  return handler[STREAMING] === "response";
}

export class ResponseStream extends Writable {
  #client;
  #path;
  #contentType = "application/octet-stream";
  #wrote = false;
  #acknowledged;
  #failure;

  constructor(client, path, handler) {
    super({ highWaterMark: handler[HIGH_WATER_MARK] });
    this.#client = client;
    this.#path = path;
    // Whoever cares listens for itself; a handler that destroys the stream must not end the process.
    this.on("error", () => {});
  }

  setContentType(contentType) {
    if (this.#wrote) {
      throw named("Runtime.InvalidStreamingOperation", "Cannot set content-type, too late.");
    }
    this.#contentType = contentType;
  }

  write(chunk, ...rest) {
    if (!this.#wrote) {
      this.#wrote = true;
      // As on AWS: without a write, the prelude is not sent either.
      this._onBeforeFirstWrite?.((part) => super.write(part));
    }
    return super.write(typeof chunk === "string" || ArrayBuffer.isView(chunk) ? chunk : JSON.stringify(chunk), ...rest);
  }

  /** Ends the answer with the error, which is told behind what was written. */
  fail(error) {
    this.#failure = describe(error);
    return new Promise((done) => this.end(done));
  }

  _write(chunk, _encoding, done) {
    this.#begin();
    this.#client.writeChunk(chunk, done);
  }

  _final(done) {
    this.#begin();
    this.#client.endChunks(this.#failure, () => this.#acknowledged.then(() => done()));
  }

  #begin() {
    this.#acknowledged ??= this.#client.beginChunks(this.#path, this.#contentType);
  }
}
