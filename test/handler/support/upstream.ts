import { createServer, type IncomingMessage, type ServerResponse } from "node:http";

export interface UpstreamRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingMessage["headers"];
  readonly body: string;
}

export interface Upstream {
  readonly url: string;
  /** What has arrived so far. */
  readonly requests: readonly UpstreamRequest[];
  /** Resolves when a client hangs up before it has its whole answer. */
  readonly abandoned: Promise<void>;
  close(): Promise<void>;
}

/** A model provider that behaves as `answer` says. */
export async function startUpstream(
  answer: (request: UpstreamRequest, response: ServerResponse) => void,
): Promise<Upstream> {
  const requests: UpstreamRequest[] = [];
  let abandon = () => {};
  const abandoned = new Promise<void>((resolve) => {
    abandon = resolve;
  });
  const server = createServer(async (incoming, response) => {
    response.once("close", () => response.writableFinished || abandon());
    let body = "";
    for await (const chunk of incoming.setEncoding("utf8")) body += chunk;
    const request = { method: incoming.method ?? "", path: incoming.url ?? "", headers: incoming.headers, body };
    requests.push(request);
    answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("no port");
  return {
    url: `http://127.0.0.1:${address.port}`,
    requests,
    abandoned,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/** The address of a port on which nothing listens. */
export async function deadAddress(): Promise<string> {
  const upstream = await startUpstream(() => {});
  await upstream.close();
  return upstream.url;
}

export function sendJson(
  response: ServerResponse,
  status: number,
  body: unknown,
  headers: Record<string, string> = {},
) {
  response.writeHead(status, { "content-type": "application/json", ...headers }).end(JSON.stringify(body));
}

/** A chunk of a streamed chat completion. */
export function chunk(delta: object, finishReason: string | null = null): object {
  return { object: "chat.completion.chunk", choices: [{ index: 0, delta, finish_reason: finishReason }] };
}

/** Server-sent events with these values, and the one that ends them. */
export function sse(...values: readonly object[]): string {
  return [...values.map((value) => JSON.stringify(value)), "[DONE]"].map((data) => `data: ${data}\n\n`).join("");
}

/** Begins an answer of server-sent events, and goes on with `text` if there is some. */
export function beginEvents(response: ServerResponse, text = ""): ServerResponse {
  response.writeHead(200, { "content-type": "text/event-stream", "x-request-id": "up-1" });
  response.flushHeaders();
  if (text !== "") response.write(text);
  return response;
}
