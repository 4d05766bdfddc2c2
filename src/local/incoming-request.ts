import type { IncomingMessage } from "node:http";
import type { HttpRequest } from "./http.ts";

/** A request of Node's server and the body read from it as the local AWS handles it. */
export function toRequest(incoming: IncomingMessage, body: Buffer): HttpRequest {
  const target = incoming.url ?? "/";
  const mark = target.indexOf("?");
  return {
    method: incoming.method ?? "GET",
    path: mark === -1 ? target : target.slice(0, mark),
    query: mark === -1 ? "" : target.slice(mark + 1),
    headers: joinedHeaders(incoming.rawHeaders),
    body,
    sourceIp: incoming.socket.remoteAddress ?? "127.0.0.1",
  };
}

/** From names and values in turn. Node's own joins drop some headers that are repeated. */
function joinedHeaders(raw: readonly string[]): Record<string, string> {
  // Without a prototype: a header may be called "constructor".
  const headers: Record<string, string> = Object.create(null);
  for (let index = 0; index + 1 < raw.length; index += 2) {
    const name = raw[index]?.toLowerCase() ?? "";
    const before = headers[name];
    const value = raw[index + 1] ?? "";
    // Commas are part of a cookie [RFC 9113, 8.2.3].
    const separator = name === "cookie" ? "; " : ",";
    headers[name] = before === undefined ? value : `${before}${separator}${value}`;
  }
  return headers;
}
