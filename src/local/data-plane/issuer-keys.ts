import { createRemoteJWKSet, customFetch, type JWTVerifyGetKey } from "jose";
import { BoundedMap } from "../bounded-map.ts";
import { DOCUMENT_MS, discoverKeys, fetchDocument } from "../openid-discovery.ts";

/** "About two hours" [aws 5.8]. */
const KEYS_KEPT_MS = 7_200_000;
/** How long after a fetch a token with an unknown key does not cause another one. */
const COOLDOWN_MS = 30_000;
const MAX_ISSUERS = 100;

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
  return createRemoteJWKSet(await discoverKeys(issuer), {
    timeoutDuration: DOCUMENT_MS,
    cooldownDuration: COOLDOWN_MS,
    cacheMaxAge: KEYS_KEPT_MS,
    [customFetch]: fetchDocument,
  });
}
