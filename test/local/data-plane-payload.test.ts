import { once } from "node:events";
import { request } from "node:http";
import { text } from "node:stream/consumers";
import { describe, expect, it } from "vitest";
import { internalError, route, testPlane } from "./data-plane-fixture.ts";

const plane = testPlane();

describe("the event of payload format 2.0", () => {
  it("has every member AWS sends", async () => {
    plane.deploy([route("POST /items/{id}")]);
    const got = await plane.event("/prod/items/a%20b?x=1&y=%C3%BC+z&x=2", {
      method: "POST",
      headers: { "content-type": "application/json", cookie: "a=1; b=2", "User-Agent": "test/1", "X-Many": "1, 2" },
      body: '{"prompt":"hi"}',
    });
    expect(got).toEqual({
      version: "2.0",
      routeKey: "POST /items/{id}",
      rawPath: "/prod/items/a b",
      rawQueryString: "x=1&y=%C3%BC+z&x=2",
      cookies: ["a=1", "b=2"],
      headers: expect.objectContaining({
        "content-type": "application/json",
        "content-length": "15",
        host: plane.host,
        "user-agent": "test/1",
        "x-many": "1, 2",
        "x-amzn-trace-id": expect.stringMatching(/^Root=1-[0-9a-f]{8}-[0-9a-f]{24}$/),
        "x-forwarded-for": "127.0.0.1",
        "x-forwarded-port": plane.host.split(":")[1],
        "x-forwarded-proto": "http",
      }),
      queryStringParameters: { x: "1,2", y: "ü z" },
      requestContext: {
        accountId: "000000000000",
        apiId: "a1",
        domainName: "a1.execute-api.eu-west-1.amazonaws.com",
        domainPrefix: "a1",
        http: {
          method: "POST",
          path: "/prod/items/a b",
          protocol: "HTTP/1.1",
          sourceIp: "127.0.0.1",
          userAgent: "test/1",
        },
        requestId: expect.any(String),
        routeKey: "POST /items/{id}",
        stage: "prod",
        time: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        timeEpoch: expect.toSatisfy((time: number) => Math.abs(Date.now() - time) < 60_000),
      },
      body: '{"prompt":"hi"}',
      isBase64Encoded: false,
      pathParameters: { id: "a b" },
    });
    expect(got).not.toHaveProperty("headers.cookie");
    expect(got).not.toHaveProperty("headers.connection");
  });

  it("tells cookies apart that come in headers of their own, and keeps headers with names objects have", async () => {
    const raw: [string, string][] = [
      ["cookie", "a=1"],
      ["cookie", "b=2,3; c=4"],
      ["__proto__", "x"],
      ["constructor", "y"],
      ["host", plane.host],
    ];
    const [sent] = await once(request(`${plane.url}/prod/x`, { headers: raw.flat() }).end(), "response");
    const event = await text(sent);
    expect(JSON.parse(event)).toMatchObject({ cookies: ["a=1", "b=2,3", "c=4"], headers: { constructor: "y" } });
    expect(event).toContain('"__proto__":"x"');
  });

  it("carries the variables of the stage", async () => {
    plane.deploy([route("GET /x")], { stageVariables: { model: "small" } });
    expect(await plane.event("/prod/x")).toMatchObject({ stageVariables: { model: "small" } });
  });

  it("leaves out what there is none of, and the stage of $default", async () => {
    plane.deploy([route("GET /health")], { stageName: "$default" });
    const got = await plane.event("/health");
    expect(got).toMatchObject({ rawPath: "/health", rawQueryString: "", isBase64Encoded: false });
    expect(got).toHaveProperty("headers.content-length", "0");
    for (const member of ["cookies", "queryStringParameters", "pathParameters", "body", "stageVariables"]) {
      expect(got).not.toHaveProperty(member);
    }
    expect(got).not.toHaveProperty("requestContext.authorizer");
  });

  it.each([
    ["text/plain", "text"],
    ["text/html; charset=utf-8", "text"],
    ["application/json;charset=utf-8", "text"],
    ["application/xml", "text"],
    ["application/javascript", "text"],
    ["application/x-www-form-urlencoded", "base64"],
    ["application/vnd.api+json", "base64"],
    ["application/octet-stream", "base64"],
    ["image/png", "base64"],
    [undefined, "base64"],
  ])("sends a body of type %s as %s", async (type, form) => {
    const headers: Record<string, string> = type === undefined ? {} : { "content-type": type };
    const got = await plane.event("/prod/x", { method: "POST", headers, body: Buffer.from("grüezi") });
    const text = form === "text";
    expect(got).toMatchObject({
      body: text ? "grüezi" : Buffer.from("grüezi").toString("base64"),
      isBase64Encoded: !text,
    });
  });

  it("sends a compressed body as base64 whatever its type", async () => {
    const headers = { "content-type": "application/json", "content-encoding": "gzip" };
    expect(await plane.event("/prod/x", { method: "POST", headers, body: "zz" })).toMatchObject({
      isBase64Encoded: true,
    });
  });
});

describe("the answer", () => {
  const answer = (value: unknown) =>
    plane.call("/prod/answer", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify(value),
    });

  it("takes status, headers, cookies and body from the function", async () => {
    const got = await answer({
      statusCode: 201,
      headers: { "Content-Type": "text/html", "X-Count": 3, "content-length": "999", connection: "close" },
      cookies: ["a=1; Path=/", "b=2"],
      body: "<p>grüezi</p>",
    });
    expect(got).toMatchObject({ status: 201, body: "<p>grüezi</p>" });
    expect(got.headers.get("content-type")).toBe("text/html");
    expect(got.headers.get("x-count")).toBe("3");
    expect(got.headers.getSetCookie()).toEqual(["a=1; Path=/", "b=2"]);
    expect(got.headers.get("apigw-requestid")).toMatch(/^[\w+/]{15}=$/);
  });

  it("decodes base64 and fills in a content type", async () => {
    const body = Buffer.from("binary").toString("base64");
    const got = await answer({ statusCode: "200", body, isBase64Encoded: true });
    expect(got).toMatchObject({ status: 200, body: "binary" });
    expect(got.headers.get("content-type")).toBe("text/plain;charset=UTF-8");
  });

  it.each([
    [{ message: "hi" }, '{"message":"hi"}'],
    [[1, 2], "[1,2]"],
    ["just text", "just text"],
    [42, "42"],
    [null, "null"],
  ])("wraps %j", async (value, body) => {
    const got = await answer(value);
    expect(got).toMatchObject({ status: 200, body });
    expect(got.headers.get("content-type")).toBe("application/json");
  });

  it.each([
    { statusCode: "fine" },
    { statusCode: 200.5 },
    { statusCode: 99 },
    { statusCode: 200, body: { not: "text" } },
    { statusCode: 200, headers: { "bad name": "x" } },
    { statusCode: 200, headers: { "x-break": "a\nb" } },
    { statusCode: 200, cookies: ["a\nb"] },
  ])("is a plain 500 for %j", async (value) => {
    expect(await answer(value)).toMatchObject(internalError);
  });

  it("is a plain 500 when the function fails", async () => {
    expect(await plane.call("/prod/throw")).toMatchObject(internalError);
  });
});
