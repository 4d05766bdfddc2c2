import { once } from "node:events";
import { createServer } from "node:http";
import { buffer } from "node:stream/consumers";
import type { HttpRequest, HttpResponse } from "../../src/local/http.ts";
import { toRequest } from "../../src/local/incoming-request.ts";

export interface TestServer {
  readonly url: string;
  readonly host: string;
  close(): Promise<void>;
}

/** Serves a handler over real HTTP on a free port of 127.0.0.1. */
export async function serve(handle: (request: HttpRequest) => Promise<HttpResponse>): Promise<TestServer> {
  const server = createServer(async (incoming, outgoing) => {
    const response = await handle(toRequest(incoming, await buffer(incoming)));
    for (const [name, value] of Object.entries(response.headers)) {
      outgoing.setHeader(name, typeof value === "string" ? value : [...value]);
    }
    outgoing.writeHead(response.status).end(response.body);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const address = server.address();
  const host = `127.0.0.1:${typeof address === "object" && address !== null ? address.port : 0}`;
  return {
    url: `http://${host}`,
    host,
    async close() {
      server.closeAllConnections();
      server.close();
      await once(server, "close");
    },
  };
}
