// Speaks to the Runtime API of the local AWS, and to no other server: one connection, written straight to the socket.
// Node's own client takes ten times as long for a call, which is most of what a small handler costs.
import { connect } from "node:net";

const PREFIX = "/2018-06-01/runtime/";
const HEADERS_END = "\r\n\r\n";
// Asks the local AWS to answer with the next invocation. AWS knows two calls for it; one wakes either side once.
const AND_NEXT = "llm-gw-and-next: true";

export class RuntimeClient {
  #socket;
  #host;
  /** Calls that are not answered yet, in the order they were made. */
  #calls = [];
  #chunks = [];
  #bytes = 0;
  #needed = 1;

  constructor(address) {
    const [host, port] = address.split(":");
    // Without the local AWS nobody is left to work for.
    const gone = () => process.exit(1);
    this.#host = address;
    this.#socket = connect({ host, port: Number(port), noDelay: true });
    this.#socket
      .on("data", (chunk) => this.#read(chunk))
      .on("error", gone)
      .on("close", gone);
  }

  /** Waits for an invocation: { headers, body }. */
  next() {
    return this.#call(`GET ${PREFIX}invocation/next HTTP/1.1\r\nhost: ${this.#host}${HEADERS_END}`);
  }

  /** Posts an answer and waits for the next invocation. */
  answer(path, body) {
    return this.#call(this.#post(path, `${AND_NEXT}\r\n`, body));
  }

  /** Posts and waits for the acknowledgement. */
  post(path, body) {
    return this.#call(this.#post(path, "", body));
  }

  /** Begins to post an answer in chunks, and waits for the acknowledgement of the whole. */
  beginChunks(path, contentType) {
    return this.#call(
      `POST ${PREFIX}${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: ${contentType}\r\n` +
        "lambda-runtime-function-response-mode: streaming\r\ntransfer-encoding: chunked\r\n" +
        `trailer: lambda-runtime-function-error-type, lambda-runtime-function-error-body${HEADERS_END}`,
    );
  }

  writeChunk(chunk, done) {
    // An empty chunk would be the last one.
    if (chunk.length === 0) {
      return done();
    }
    this.#socket.cork();
    this.#socket.write(`${chunk.length.toString(16)}\r\n`);
    this.#socket.write(chunk);
    this.#socket.write("\r\n", done);
    this.#socket.uncork();
  }

  endChunks(failure, done) {
    const body = failure && Buffer.from(JSON.stringify(failure)).toString("base64");
    const trailers = failure
      ? `lambda-runtime-function-error-type: ${failure.errorType}\r\nlambda-runtime-function-error-body: ${body}\r\n`
      : "";
    this.#socket.write(`0\r\n${trailers}\r\n`, done);
  }

  #post(path, header, body) {
    return (
      `POST ${PREFIX}${path} HTTP/1.1\r\nhost: ${this.#host}\r\ncontent-type: application/json\r\n${header}` +
      `content-length: ${Buffer.byteLength(body)}${HEADERS_END}${body}`
    );
  }

  async #call(request) {
    this.#socket.ref();
    const answered = new Promise((resolve) => this.#calls.push(resolve));
    this.#socket.write(request);
    const answer = await answered;
    // A handler at work must not keep the process from running dry.
    this.#socket.unref();
    return answer;
  }

  #read(chunk) {
    this.#chunks.push(chunk);
    this.#bytes += chunk.length;
    while (this.#bytes >= this.#needed) {
      const data = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks);
      this.#chunks = [data];
      const bodyStart = data.indexOf(HEADERS_END) + HEADERS_END.length;
      if (bodyStart < HEADERS_END.length) {
        this.#needed = data.length + 1;
        return;
      }
      const headers = headersOf(data.toString("latin1", 0, bodyStart));
      const bodyEnd = bodyStart + Number(headers["content-length"]);
      if (data.length < bodyEnd) {
        this.#needed = bodyEnd;
        return;
      }
      this.#chunks = [data.subarray(bodyEnd)];
      this.#bytes = data.length - bodyEnd;
      this.#needed = 1;
      this.#calls.shift()({ headers, body: data.toString("utf8", bodyStart, bodyEnd) });
    }
  }
}

function headersOf(head) {
  const headers = {};
  for (const line of head.split("\r\n")) {
    const colon = line.indexOf(":");
    headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 2);
  }
  return headers;
}
