import { SignJWT } from "jose";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { JwtAuthorizer } from "../../src/local/store/apigatewayv2.ts";
import { forbidden, route, testPlane, unauthorized } from "./data-plane-fixture.ts";
import { tokenIssuer } from "./token-issuer-fixture.ts";

const plane = testPlane();
const issuer = tokenIssuer("llm");

function jwt(changes: Partial<JwtAuthorizer> = {}): JwtAuthorizer {
  return {
    authorizerType: "JWT",
    authorizerId: "jwt1",
    name: "jwt",
    identitySource: ["$request.header.Authorization"],
    issuer: issuer.url,
    audience: ["other", "llm"],
    ...changes,
  };
}

function deploy(changes: { authorizer?: Partial<JwtAuthorizer>; scopes?: string[]; format?: "1.0" } = {}): void {
  const { authorizer, ...more } = changes;
  plane.deploy([route("GET /x", { auth: "JWT", authorizerId: "jwt1", ...more })], { authorizers: [jwt(authorizer)] });
}

const get = (token: string, path = "/prod/x") => plane.call(path, { headers: { authorization: token } });
const authorizerSeen = async (token: string): Promise<unknown> =>
  JSON.parse((await get(token)).body).requestContext.authorizer;

beforeEach(() => deploy());
afterEach(() => {
  vi.useRealTimers();
  issuer.instead(undefined);
});

describe("a token", () => {
  it("lets a request in, with and without Bearer before it", async () => {
    const token = await issuer.token();
    for (const value of [token, `Bearer ${token}`, `bearer ${token}`]) {
      expect((await get(value)).status).toBe(200);
    }
  });

  it("may come in the query", async () => {
    deploy({ authorizer: { identitySource: ["$request.querystring.token"] } });
    const token = await issuer.token();
    expect((await plane.call(`/prod/x?token=${token}`)).status).toBe(200);
    expect(await get(token)).toMatchObject(unauthorized);
  });

  it("is missing where a header with a name objects have was not sent", async () => {
    for (const name of ["constructor", "__proto__", "toString"]) {
      deploy({ authorizer: { identitySource: [`$request.header.${name}`] } });
      expect(await get(await issuer.token())).toMatchObject(unauthorized);
    }
  });

  it("hands its claims on as texts", async () => {
    const exp = Math.floor(Date.now() / 1000) + 60;
    const token = await issuer.token({ exp, groups: ["a", "b"], admin: true, address: { zip: 8000, city: "Zürich" } });
    expect(await authorizerSeen(token)).toEqual({
      jwt: {
        claims: {
          iss: issuer.url,
          aud: "llm",
          sub: "user",
          iat: expect.stringMatching(/^\d{10}$/),
          exp: String(exp),
          groups: "[a b]",
          admin: "true",
          address: "map[city:Zürich zip:8000]",
        },
        scopes: null,
      },
    });
    deploy({ format: "1.0" });
    expect(await authorizerSeen(token)).toMatchObject({ claims: { sub: "user", groups: "[a b]" }, scopes: null });
  });

  it("needs one of the route's scopes, in scope or scp", async () => {
    deploy({ scopes: ["write", "admin"] });
    expect(await authorizerSeen(await issuer.token({ scope: "read write" }))).toMatchObject({
      jwt: { scopes: ["write"] },
    });
    expect((await get(await issuer.token({ scp: ["admin"] }))).status).toBe(200);
    expect((await get(await issuer.token({ scp: "admin" }))).status).toBe(200);
    for (const claims of [{}, { scope: "read" }, { scope: "writer" }, { scp: ["WRITE"] }]) {
      const got = await get(await issuer.token(claims));
      expect(got).toMatchObject(forbidden);
      expect(got.headers.get("www-authenticate")).toContain('scope="write admin" error="insufficient_scope"');
    }
  });

  it("may name its client in place of an audience", async () => {
    expect((await get(await issuer.token({ aud: undefined, client_id: "llm" }))).status).toBe(200);
    expect((await get(await issuer.token({ aud: ["x", "llm"] }))).status).toBe(200);
    // client_id counts only where there is no audience.
    expect(await get(await issuer.token({ aud: "x", client_id: "llm" }))).toMatchObject(unauthorized);
  });
});

describe("refused tokens", () => {
  it("get 401 whatever characters the route's scopes have", async () => {
    deploy({ scopes: ['a"b', "c\r\nx: y", "ü"] });
    const got = await get(await issuer.token({ aud: "x" }));
    expect(got).toMatchObject(unauthorized);
    expect(got.headers.get("www-authenticate")).toContain('scope="a?b c??x: y ?" error="invalid_token"');
  });

  const now = () => Math.floor(Date.now() / 1000);

  it("are told apart in the header AWS documents", async () => {
    const got = await get(await issuer.token({ aud: "x" }));
    expect(got).toMatchObject(unauthorized);
    expect(got.headers.get("www-authenticate")).toBe(
      'Bearer scope="" error="invalid_token" error_description="the token does not have a valid audience"',
    );
    expect((await plane.call("/prod/x")).headers.get("www-authenticate")).toBe("Bearer");
  });

  it.each([
    ["of another issuer", () => issuer.token({ iss: "https://evil.example.com" })],
    ["of the issuer with a slash more", () => issuer.token({ iss: `${issuer.url}/` })],
    ["without an issuer", () => issuer.token({ iss: undefined })],
    ["without audience and client", () => issuer.token({ aud: undefined })],
    ["expired", () => issuer.token({ exp: now() - 1 })],
    ["that never expire", () => issuer.token({ exp: undefined })],
    ["not good yet", () => issuer.token({ nbf: now() + 60 })],
    ["issued in the future", () => issuer.token({ iat: now() + 60 })],
    ["that name no key", () => issuer.token({}, { kid: undefined })],
    ["with another signature", async () => `${(await issuer.token()).slice(0, -8)}AAAAAAAA`],
    ["that are none", async () => "Bearer nonsense"],
    ["without a signature", async () => `${(await issuer.token()).split(".").slice(0, 2).join(".")}.`],
    [
      "signed with a shared secret",
      async () =>
        new SignJWT({ iss: issuer.url, aud: "llm", exp: now() + 60 })
          .setProtectedHeader({ alg: "HS256", kid: "first" })
          .sign(Buffer.alloc(64)),
    ],
  ])("%s get 401", async (_what, token) => {
    expect(await get(await token())).toMatchObject(unauthorized);
    expect(await get(await issuer.token())).toMatchObject({ status: 200 });
  });

  it("signed with another algorithm than RSA get 401, although the issuer has the key", async () => {
    await issuer.publish("curve", "ES256");
    const token = await issuer.token({}, { kid: "curve", alg: "ES256" });
    expect(await get(token)).toMatchObject(unauthorized);
    issuer.revoke("curve");
  });
});

describe("the issuer's keys", () => {
  it("are fetched once, and again for a key that is new, but not at every unknown one", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    await get(await issuer.token());
    const before = { ...issuer.asked };
    await issuer.publish("second");
    const token = await issuer.token({}, { kid: "second" });
    vi.setSystemTime(Date.now() + 31_000);
    expect((await get(token)).status).toBe(200);
    expect(issuer.asked).toEqual({ discovery: before.discovery, keys: before.keys + 1 });
    await issuer.publish("third");
    expect(await get(await issuer.token({}, { kid: "third" }))).toMatchObject(unauthorized);
    expect(issuer.asked.keys).toBe(before.keys + 1);
    vi.setSystemTime(Date.now() + 7_200_000);
    expect((await get(await issuer.token({}, { kid: "third" }))).status).toBe(200);
    expect(issuer.asked.discovery).toBe(before.discovery + 1);
  });

  it.each([
    ["error", { status: 500, body: "{}" }],
    ["nonsense", { body: "nonsense" }],
    ["no-keys", { body: "{}" }],
    ["elsewhere", { status: 302, headers: { location: "?moved" }, body: "" }],
    ["other", { body: JSON.stringify({ issuer: "https://other.example", jwks_uri: "https://other.example/k" }) }],
    ["large", { body: JSON.stringify({ jwks_uri: "http://x", padding: "x".repeat(150_000) }) }],
    ["silent", "nothing"],
  ] as const)("are not to be had from a bad issuer (%s), and are once it is a good one", async (tenant, answer) => {
    const url = `${issuer.url}/${tenant}`;
    const token = await issuer.token({ iss: url });
    deploy({ authorizer: { issuer: url } });
    issuer.instead(answer);
    const got = await get(token);
    expect(got).toMatchObject(unauthorized);
    expect(got.headers.get("www-authenticate")).toContain("OIDC discovery endpoint communication error");
    issuer.instead(undefined);
    expect((await get(token)).status).toBe(200);
  });
});
