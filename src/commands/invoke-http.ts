import { createHash, createHmac } from "node:crypto";
import { HttpRequest } from "@smithy/protocol-http";
import { SignatureV4 } from "@smithy/signature-v4";
import type { Credentials } from "../aws/clients.ts";
import { GatewayError } from "../errors.ts";
import { send } from "../http.ts";
import { type Answer, answer } from "./invoke-answer.ts";

/** API Gateway answers within 30 s; the rest is for the network. */
const LIMIT_MS = 60_000;

/** Of every prompt's request. */
export const HEADERS = {
  "content-type": "application/json",
  accept: "application/json",
  "user-agent": "llm-gw",
};

interface Request {
  readonly method: string;
  readonly url: string;
  readonly body: string;
}

/** Sends a JSON body, signed with SigV4 for `execute-api` when `signing` is given. */
export async function sendSigned(
  { method, url, body }: Request,
  signing: { readonly region: string; readonly credentials: Credentials } | undefined,
  signal: AbortSignal,
): Promise<Answer> {
  const headers = signing === undefined ? HEADERS : await sign(method, new URL(url), body, HEADERS, signing);
  try {
    const received = await send(method, url, headers, body, { limitMs: LIMIT_MS, signal });
    const id = received.headers["x-request-id"] ?? received.headers["apigw-requestid"];
    const truncated = received.headers["x-llm-gw-truncated"];
    return answer(received.status, typeof id === "string" ? id : undefined, received.text, truncated);
  } catch (error) {
    signal.throwIfAborted();
    const reason = error instanceof Error ? error.message : String(error);
    throw new GatewayError("NoConnection", `${url} cannot be reached: ${reason}`, {
      cause: error,
      hint: "Check the network or a proxy; llm-gw status tells whether the endpoint exists.",
    });
  }
}

async function sign(
  method: string,
  url: URL,
  body: string,
  headers: Readonly<Record<string, string>>,
  { region, credentials }: { readonly region: string; readonly credentials: Credentials },
): Promise<Record<string, string>> {
  const signer = new SignatureV4({ service: "execute-api", region, credentials, sha256: Sha256 });
  const request = new HttpRequest({
    method,
    protocol: url.protocol,
    hostname: url.hostname,
    path: url.pathname,
    headers: { ...headers, host: url.host },
    body,
  });
  return (await signer.sign(request)).headers;
}

/** Node's SHA-256 in the shape the signer asks for. */
class Sha256 {
  readonly #hash;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", bytes(secret));
  }

  update(data: string | ArrayBuffer | ArrayBufferView): void {
    this.#hash.update(bytes(data));
  }

  async digest(): Promise<Uint8Array> {
    return this.#hash.digest();
  }
}

function bytes(data: string | ArrayBuffer | ArrayBufferView): Uint8Array {
  if (typeof data === "string") return Buffer.from(data, "utf8");
  return ArrayBuffer.isView(data)
    ? new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
    : new Uint8Array(data);
}
