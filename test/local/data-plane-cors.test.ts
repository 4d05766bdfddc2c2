import { beforeEach, describe, expect, it } from "vitest";
import { allow, notFound, route, testPlane, unauthorized } from "./data-plane-fixture.ts";

const plane = testPlane();
const origin = "https://app.example.com";
const cors = {
  allowOrigins: [origin, "http://localhost:3000"],
  allowMethods: ["GET", "POST"],
  allowHeaders: ["authorization", "content-type"],
  exposeHeaders: ["x-model"],
  allowCredentials: true,
  maxAge: 600,
};
const authorizer = {
  authorizerType: "REQUEST",
  authorizerId: "auth1",
  name: "auth",
  identitySource: ["$request.header.Authorization"],
  authorizerUri: "arn:aws:lambda:eu-west-1:000000000000:function:none",
  payloadFormatVersion: "2.0",
  enableSimpleResponses: true,
  resultTtlInSeconds: 0,
} as const;

const corsHeaders = (headers: Headers) =>
  Object.fromEntries([...headers].filter(([name]) => name.startsWith("access-control-")));

function preflight(path: string, from = origin) {
  const headers = { origin: from, "access-control-request-method": "POST" };
  return plane.call(path, { method: "OPTIONS", headers });
}

beforeEach(() => plane.deploy([route("POST /inference")], { cors }));

describe("preflight requests", () => {
  it("are answered by the gateway, with or without a route or a permission", async () => {
    plane.function({ policy: [] });
    for (const path of ["/prod/inference", "/prod/nothing/here"]) {
      const got = await preflight(path);
      expect(got).toMatchObject({ status: 204, body: "" });
      expect(corsHeaders(got.headers)).toEqual({
        "access-control-allow-origin": origin,
        "access-control-allow-methods": "GET,POST",
        "access-control-allow-headers": "authorization,content-type",
        "access-control-allow-credentials": "true",
        "access-control-max-age": "600",
      });
      expect(got.headers.get("apigw-requestid")).not.toBeNull();
    }
  });

  it("get no CORS headers for an origin that is not allowed", async () => {
    for (const other of ["https://evil.example.com", `${origin}.evil.com`, "http://app.example.com"]) {
      const got = await preflight("/prod/inference", other);
      expect(got.status).toBe(204);
      expect(corsHeaders(got.headers)).toEqual({});
    }
  });

  it("go past the authorizer of a route for another method, but not of one that takes OPTIONS", async () => {
    const locked = { auth: "CUSTOM", authorizerId: "auth1" } as const;
    plane.deploy([route("POST /inference", locked), route("ANY /any", locked)], { cors, authorizers: [authorizer] });
    expect((await preflight("/prod/inference")).status).toBe(204);
    const refused = await preflight("/prod/any");
    expect(refused).toMatchObject(unauthorized);
    expect(refused.headers.get("access-control-allow-origin")).toBe(origin);
    plane.deploy([route("$default", locked), route("OPTIONS /{proxy+}")], { cors, authorizers: [authorizer] });
    expect((await preflight("/prod/inference")).status).toBe(204);
    plane.deploy([route("$default", locked)], { cors, authorizers: [authorizer] });
    expect(await preflight("/prod/inference")).toMatchObject(unauthorized);
  });

  it("are ordinary requests without an origin, or without CORS", async () => {
    expect(await plane.call("/prod/inference", { method: "OPTIONS" })).toMatchObject(notFound);
    plane.deploy([route("OPTIONS /inference")]);
    expect(JSON.parse((await preflight("/prod/inference")).body)).toMatchObject({ routeKey: "OPTIONS /inference" });
  });
});

describe("CORS headers of answers", () => {
  const post = (headers: Record<string, string>, answer: unknown = { statusCode: 200 }) => {
    plane.deploy([route("POST /answer")], { cors });
    const init = { "content-type": "application/json", ...headers };
    return plane.call("/prod/answer", { method: "POST", headers: init, body: JSON.stringify(answer) });
  };

  it("are the gateway's and not the function's", async () => {
    const own = { "Access-Control-Allow-Origin": "*", "access-control-allow-methods": "PUT", "x-own": "1" };
    const got = await post({ origin }, { statusCode: 200, headers: own });
    expect(corsHeaders(got.headers)).toEqual({
      "access-control-allow-origin": origin,
      "access-control-allow-credentials": "true",
      "access-control-expose-headers": "x-model",
    });
    expect(got.headers.get("x-own")).toBe("1");
    expect(corsHeaders((await post({}, { statusCode: 200, headers: own })).headers)).toEqual({});
    expect(corsHeaders((await post({ origin: "https://evil.example.com" })).headers)).toEqual({});
  });

  it("are the function's where CORS is not configured", async () => {
    plane.deploy([route("POST /answer")]);
    const got = await plane.call("/prod/answer", {
      method: "POST",
      headers: { "content-type": "application/json", origin },
      body: JSON.stringify({ statusCode: 200, headers: { "access-control-allow-origin": "*" } }),
    });
    expect(corsHeaders(got.headers)).toEqual({ "access-control-allow-origin": "*" });
  });

  it("are on refusals of the gateway as well", async () => {
    plane.function({ policy: [allow("arn:aws:execute-api:eu-west-1:000000000000:other/*")] });
    for (const path of ["/prod/inference", "/prod/nothing"]) {
      const got = await plane.call(path, { method: "POST", headers: { origin } });
      expect(got.status).toBeGreaterThanOrEqual(400);
      expect(got.headers.get("access-control-allow-origin")).toBe(origin);
    }
  });
});

describe("allowed origins", () => {
  it.each([
    [["*"], "https://a.example", "*"],
    [["https://*"], "https://a.example", "https://a.example"],
    [["https://*"], "http://a.example", null],
    [["http://*"], "http://a.example:8080", "http://a.example:8080"],
    [["https://*.example"], "https://a.example", null],
    [undefined, "https://a.example", null],
  ])("%j answer %s with %s", async (allowOrigins, from, expected) => {
    plane.deploy([route("GET /x")], { cors: { allowOrigins } });
    const got = await preflight("/prod/x", from);
    expect(got.headers.get("access-control-allow-origin")).toBe(expected);
    const real = await plane.call("/prod/x", { headers: { origin: from } });
    expect(real.headers.get("access-control-allow-origin")).toBe(expected);
  });
});
