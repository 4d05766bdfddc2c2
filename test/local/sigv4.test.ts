import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { HttpRequest } from "../../src/local/http.ts";
import { type SignatureCheck, verifySignature } from "../../src/local/sigv4.ts";
import { isInstalled } from "../support/is-installed.ts";
import { serve, type TestServer } from "./http-fixture.ts";
import { KEY, sign, type ToSign } from "./signing-fixture.ts";

const GOOD = { ok: true, accessKeyId: KEY.accessKeyId, region: "eu-west-1", service: "execute-api" };
const secretOf = (id: string) => (id === KEY.accessKeyId ? KEY.secretAccessKey : undefined);

let server: TestServer;
let received: HttpRequest;
let check: SignatureCheck;
beforeAll(async () => {
  server = await serve(async (request) => {
    received = request;
    check = await verifySignature(request, secretOf);
    return { status: check.ok ? 200 : 403, headers: {}, body: check.ok ? "ok" : check.reason };
  });
});
afterAll(() => server.close());
beforeEach(() => {
  check = { ok: false, reason: "MissingAuthentication" };
});

/** Signs a request, sends it over HTTP and returns what the server makes of it. */
async function send(path: string, wanted: Omit<ToSign, "url"> = {}): Promise<SignatureCheck> {
  const url = `${server.url}${path}`;
  const { host: _host, ...headers } = await sign({ ...wanted, url });
  const init = { method: wanted.method ?? "GET", headers };
  await fetch(url, wanted.body === undefined ? init : { ...init, body: wanted.body });
  return check;
}

describe("requests signed by @smithy/signature-v4", () => {
  it.each([
    ["a plain path", "/execute-api/a1/prod/inference"],
    ["a query to be sorted", "/p?b=2&a=1&a=0&empty=&flag"],
    ["encoded characters in path and query", "/it%20ems/%C3%BC%2Fx/@a=b;c*(1)!'?q=a%20b%2Bc%26&z=%E2%82%AC"],
    ["the root", "/"],
    ["a slash at the end", "/a/b/"],
  ])("verifies %s", async (_what, path) => {
    expect(await send(path)).toEqual(GOOD);
  });

  it("verifies a body, more headers and a session token", async () => {
    const wanted = {
      method: "POST",
      body: '{"prompt":"grüezi"}',
      headers: { "content-type": "application/json", "x-custom": "a   b" },
      credentials: { ...KEY, sessionToken: "the-token" },
    };
    expect(await send("/inference", wanted)).toEqual(GOOD);
    expect(received.headers["x-amz-security-token"]).toBe("the-token");
  });

  it("verifies an unsigned payload", async () => {
    const headers = { "x-amz-content-sha256": "UNSIGNED-PAYLOAD" };
    expect(await send("/p", { method: "POST", body: "anything", headers })).toEqual(GOOD);
  });

  it("names region and service as signed", async () => {
    expect(await send("/p", { region: "us-east-1", service: "lambda" })).toMatchObject({
      region: "us-east-1",
      service: "lambda",
    });
  });

  it.each([
    ["the body", (r: HttpRequest) => ({ ...r, body: Buffer.from("other") })],
    ["the path", (r: HttpRequest) => ({ ...r, path: "/other" })],
    ["the query", (r: HttpRequest) => ({ ...r, query: "a=2" })],
    ["the query, malformed", (r: HttpRequest) => ({ ...r, query: "a=%" })],
    ["the method", (r: HttpRequest) => ({ ...r, method: "PUT" })],
    ["a signed header", (r: HttpRequest) => ({ ...r, headers: { ...r.headers, "content-type": "text/html" } })],
    ["the host", (r: HttpRequest) => ({ ...r, headers: { ...r.headers, host: "elsewhere" } })],
  ])("refuses a change of %s", async (_what, tamper) => {
    const wanted = { method: "POST", body: "text", headers: { "content-type": "text/plain" } };
    expect(await send("/p?a=1", wanted)).toEqual(GOOD);
    expect(await verifySignature(tamper(received), secretOf)).toEqual({ ok: false, reason: "SignatureMismatch" });
  });

  it("refuses a body that differs although the payload hash was left out of the signed headers", async () => {
    await send("/p", { method: "POST", body: "text" });
    const { "x-amz-content-sha256": _hash, ...headers } = received.headers;
    const refused = await verifySignature({ ...received, headers, body: Buffer.from("other") }, secretOf);
    expect(refused).toEqual({ ok: false, reason: "SignatureMismatch" });
  });

  it.each([
    ["another secret", { credentials: { ...KEY, secretAccessKey: "wrong" } }, "SignatureMismatch"],
    ["another key", { credentials: { ...KEY, accessKeyId: "AKIAOTHER" } }, "UnknownAccessKey"],
    ["a date six minutes ago", { date: new Date(Date.now() - 360_000) }, "RequestExpired"],
    ["a date in six minutes", { date: new Date(Date.now() + 360_000) }, "RequestExpired"],
  ])("refuses %s", async (_what, wanted, reason) => {
    expect(await send("/p", wanted)).toEqual({ ok: false, reason });
  });

  it("takes a clock that is four minutes off", async () => {
    expect(await send("/p", { date: new Date(Date.now() - 240_000) })).toEqual(GOOD);
  });

  it("refuses what is not signed, or not completely", async () => {
    await fetch(`${server.url}/p`);
    expect(check).toEqual({ ok: false, reason: "MissingAuthentication" });
    await fetch(`${server.url}/p`, { headers: { authorization: "Bearer token" } });
    expect(check).toEqual({ ok: false, reason: "IncompleteSignature" });
    await send("/p");
    const unsigned = { ...received.headers, "x-amz-security-token": "added" };
    expect(await verifySignature({ ...received, headers: unsigned }, secretOf)).toEqual({
      ok: false,
      reason: "IncompleteSignature",
    });
    const { "x-amz-date": _date, ...undated } = received.headers;
    expect(await verifySignature({ ...received, headers: undated }, secretOf)).toMatchObject({ ok: false });
  });
});

describe.skipIf(!isInstalled("curl"))("requests signed by curl --aws-sigv4", () => {
  async function curl(path: string, ...args: string[]): Promise<string> {
    const signing = [
      "--aws-sigv4",
      "aws:amz:eu-west-1:execute-api",
      "--user",
      `${KEY.accessKeyId}:${KEY.secretAccessKey}`,
    ];
    const { stdout } = await promisify(execFile)("curl", ["-sS", ...signing, ...args, `${server.url}${path}`]);
    return stdout;
  }

  it("verifies a GET, with and without a query", async () => {
    expect(await curl("/execute-api/a1/prod/health")).toBe("ok");
    expect(await curl("/execute-api/a1/prod/health?a=1&b=2")).toBe("ok");
    expect(check).toEqual(GOOD);
  });

  it("verifies a POST with a body", async () => {
    const json = ["-H", "content-type: application/json", "-d", '{"prompt":"grüezi"}'];
    expect(await curl("/execute-api/a1/prod/inference", ...json)).toBe("ok");
    expect(received.body.toString()).toBe('{"prompt":"grüezi"}');
  });

  it("verifies a session token", async () => {
    expect(await curl("/execute-api/a1/prod/inference", "-H", "x-amz-security-token: tok", "-d", "x")).toBe("ok");
  });

  it("refuses another secret", async () => {
    expect(await curl("/p", "--user", `${KEY.accessKeyId}:wrong`)).toBe("SignatureMismatch");
  });
});
