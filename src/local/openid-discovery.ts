import * as z from "zod";

/** What API Gateway gives an issuer for each of its two documents [aws 5.4]. */
export const DOCUMENT_MS = 1_500;
const MAX_DOCUMENT_BYTES = 150_000;

const discovery = z.object({ issuer: z.string(), jwks_uri: z.url({ protocol: /^https?$/ }) });

/** Where an issuer's discovery document is. */
export function discoveryUrl(issuer: string): string {
  return `${withoutSlash(issuer)}/.well-known/openid-configuration`;
}

/**
 * The URL of the keys of a token issuer, from its discovery document. Rejects when that is not there, not in time, too
 * large, elsewhere, or of another issuer (unconfirmed).
 */
export async function discoverKeys(issuer: string): Promise<URL> {
  const url = discoveryUrl(issuer);
  const response = await fetchDocument(url, { signal: AbortSignal.timeout(DOCUMENT_MS) });
  const document = discovery.parse(await response.json());
  if (withoutSlash(document.issuer) !== withoutSlash(issuer)) throw new Error(`${url} is of another issuer`);
  return new URL(document.jwks_uri);
}

/** Fetches one of an issuer's documents; rejects when it is not there itself, or larger than API Gateway reads. */
export async function fetchDocument(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, { ...init, redirect: "error" });
  if (response.status !== 200 || response.body === null) {
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_DOCUMENT_BYTES) {
      throw new Error(`${url} is larger than ${MAX_DOCUMENT_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: 200 });
}

function withoutSlash(url: string): string {
  return url.replace(/\/$/, "");
}
