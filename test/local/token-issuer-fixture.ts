import { exportJWK, type GenerateKeyPairResult, generateKeyPair, type JWTPayload, SignJWT } from "jose";
import { afterAll, beforeAll } from "vitest";
import { serve, type TestServer } from "./http-fixture.ts";

type Claims = Readonly<Record<string, unknown>>;

interface Signing {
  readonly alg?: string;
  /** Undefined: the token names no key. */
  readonly kid?: string | undefined;
}

export interface TokenIssuer {
  readonly url: string;
  /** How often each document was asked for. */
  readonly asked: { discovery: number; keys: number };
  /** What it answers with from now on, in place of its documents (asked for without a query); undefined: with them. */
  instead(answer: { status?: number; headers?: Record<string, string>; body: string } | "nothing" | undefined): void;
  /** Makes another key pair and publishes it under this id. */
  publish(kid: string, alg?: string): Promise<void>;
  /** Forgets what it published. */
  revoke(kid: string): void;
  /** A token with these claims besides those every good one has. Undefined takes one of those away. */
  token(claims?: Claims, signing?: Signing): Promise<string>;
}

/** An OpenID Connect issuer over HTTP with one RSA key, `first`, for the tests of the calling file. */
export function tokenIssuer(audience: string): TokenIssuer {
  const pairs = new Map<string, GenerateKeyPairResult & { alg: string }>();
  const silent: (() => void)[] = [];
  const asked = { discovery: 0, keys: 0 };
  let server: TestServer;
  let instead: Parameters<TokenIssuer["instead"]>[0];

  const issuer: TokenIssuer = {
    get url() {
      return server.url;
    },
    asked,
    instead(answer) {
      instead = answer;
    },
    async publish(kid, alg = "RS256") {
      pairs.set(kid, { ...(await generateKeyPair(alg, { extractable: true })), alg });
    },
    revoke(kid) {
      pairs.delete(kid);
    },
    async token(claims = {}, signing = {}) {
      const { alg = "RS256", kid } = { kid: "first", ...signing };
      const pair = pairs.get(kid ?? "first");
      if (pair === undefined) throw new Error(`There is no key ${kid}.`);
      const now = Math.floor(Date.now() / 1000);
      const all = { iss: server.url, aud: audience, iat: now, exp: now + 300, sub: "user", ...claims };
      // Takes out what is undefined.
      const payload: JWTPayload = JSON.parse(JSON.stringify(all));
      const header = kid === undefined ? { alg } : { alg, kid };
      return new SignJWT(payload).setProtectedHeader(header).sign(pair.privateKey);
    },
  };

  async function documentFor(path: string): Promise<object> {
    const [tenant, rest] = path.split("/.well-known/openid-configuration");
    if (rest !== undefined) {
      asked.discovery += 1;
      return { issuer: `${server.url}${tenant}`, jwks_uri: `${server.url}/keys` };
    }
    asked.keys += 1;
    const keys = [...pairs].map(async ([kid, { publicKey, alg }]) => ({ ...(await exportJWK(publicKey)), kid, alg }));
    return { keys: await Promise.all(keys) };
  }

  beforeAll(async () => {
    await issuer.publish("first");
    server = await serve(async ({ path, query }) => {
      const body = JSON.stringify(await documentFor(path));
      if (instead === "nothing") await new Promise<void>((resolve) => silent.push(resolve));
      const answer = typeof instead === "object" && query === "" ? instead : { body };
      return { status: 200, headers: {}, ...answer };
    });
  });
  afterAll(async () => {
    for (const answer of silent) answer();
    await server.close();
  });
  return issuer;
}
