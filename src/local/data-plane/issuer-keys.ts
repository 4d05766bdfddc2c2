import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import * as z from "zod";
import { BoundedMap } from "../bounded-map.ts";

/** What API Gateway gives an issuer for each of its two documents [aws 5.4]. */
const FETCH_TIMEOUT_MS = 1_500;
const MAX_FETCH_BYTES = 150_000;

/** "About two hours" [aws 5.8]. */
const KEYS_KEPT_MS = 7_200_000;
/** How long after a fetch a token with an unknown key does not cause another one. */
const COOLDOWN_MS = 30_000;
const MAX_ISSUERS = 100;

const discovery = z.object({ jwks_uri: z.url({ protocol: /^https?$/ }) });

/** The public keys of token issuers, found by OpenID Connect discovery and kept for a while. */
export class IssuerKeys {
  readonly #issuers = new BoundedMap<string, { readonly keys: Promise<JWTVerifyGetKey>; readonly until: number }>(
    MAX_ISSUERS,
  );

  /** The keys of an issuer. Rejects when its discovery document is not to be had; that is not remembered. */
  of(issuer: string): Promise<JWTVerifyGetKey> {
    const known = this.#issuers.get(issuer);
    if (known !== undefined && Date.now() < known.until) {
      return known.keys;
    }
    const keys = discover(issuer);
    this.#issuers.set(issuer, { keys, until: Date.now() + KEYS_KEPT_MS });
    keys.catch(() => this.#issuers.delete(issuer));
    return keys;
  }
}

async function discover(issuer: string): Promise<JWTVerifyGetKey> {
  const url = `${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`;
  const response = await fetchLimited(url, { signal: AbortSignal.timeout(FETCH_TIMEOUT_MS) });
  const { jwks_uri: keysUrl } = discovery.parse(await response.json());
  return createRemoteJWKSet(new URL(keysUrl), {
    timeoutDuration: FETCH_TIMEOUT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_KEPT_MS,
    [customFetch]: fetchLimited,
  });
}

/** Fetches a document; rejects when it is not there, or larger than API Gateway reads. */
async function fetchLimited(url: string, init: RequestInit): Promise<Response> {
  const response = await fetch(url, init);
  if (response.status !== 200 || response.body === null) {
    throw new Error(`${url} answered ${response.status}`);
  }
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.length;
    if (bytes > MAX_FETCH_BYTES) {
      throw new Error(`${url} is larger than ${MAX_FETCH_BYTES} bytes`);
    }
    chunks.push(chunk);
  }
  return new Response(Buffer.concat(chunks), { status: 200 });
}
