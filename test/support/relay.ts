import { createServer, type IncomingHttpHeaders, type IncomingMessage, request, type ServerResponse } from "node:http";

/** A request as it came, whole. */
export interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An answer as it came, whole. */
export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** A server on a free port of 127.0.0.1 that hands each request over whole. */
export async function listen(handle: (sent: Sent, outgoing: ServerResponse) => Promise<void>) {
  const server = createServer((incoming, outgoing) => {
    const { method = "GET", url = "/", headers } = incoming;
    whole(incoming)
      .then((body) => handle({ method, url, headers, body }, outgoing))
      .catch(() => outgoing.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (typeof address !== "object" || address === null) throw new Error("the server does not listen");
  return {
    url: `http://127.0.0.1:${address.port}`,
    close(): Promise<void> {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** Sends a request on, its path as it is because a signature covers it. Rejects when the connection breaks off. */
export function sendOn(target: string, { method, url, headers, body }: Sent): Promise<Answer> {
  const { hostname, port } = new URL(target);
  return new Promise((resolve, reject) => {
    const onward = request({ hostname, port, method, path: url, headers, agent: false }, (answer) => {
      whole(answer).then(
        (received) => resolve({ status: answer.statusCode ?? 500, headers: answer.headers, body: received }),
        reject,
      );
    });
    onward.on("error", reject);
    onward.end(body);
  });
}

/** Gives an answer back, with its length set anew. */
export function reply(outgoing: ServerResponse, { status, headers, body }: Answer): void {
  const { "content-length": _length, "transfer-encoding": _encoding, connection: _connection, ...rest } = headers;
  outgoing.writeHead(status, rest);
  outgoing.end(body);
}

async function whole(stream: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk);
  return Buffer.concat(chunks);
}
