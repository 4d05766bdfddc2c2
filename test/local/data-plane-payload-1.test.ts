import { describe, expect, it } from "vitest";
import { internalError, route, testPlane } from "./data-plane-fixture.ts";

const plane = testPlane();

describe("the event of payload format 1.0", () => {
  it("has every member AWS sends", async () => {
    plane.deploy([route("POST /items/{id}", { format: "1.0" })], { stageVariables: { model: "small" } });
    const got = await plane.event("/prod/items/a%20b?x=1&y=%C3%BC+z&x=2", {
      method: "POST",
      headers: { "content-type": "application/json", cookie: "a=1; b=2", "user-agent": "test/1" },
      body: '{"prompt":"hi"}',
    });
    expect(got).toEqual({
      version: "1.0",
      resource: "/items/{id}",
      path: "/prod/items/a b",
      httpMethod: "POST",
      headers: expect.objectContaining({ cookie: "a=1; b=2", host: plane.host, "x-forwarded-for": "127.0.0.1" }),
      multiValueHeaders: expect.objectContaining({ cookie: ["a=1; b=2"], host: [plane.host] }),
      queryStringParameters: { x: "2", y: "ü z" },
      multiValueQueryStringParameters: { x: ["1", "2"], y: ["ü z"] },
      requestContext: {
        accountId: "000000000000",
        apiId: "a1",
        authorizer: { claims: null, scopes: null },
        domainName: "a1.execute-api.eu-west-1.amazonaws.com",
        domainPrefix: "a1",
        extendedRequestId: expect.stringMatching(/^[\w+/]{15}=$/),
        httpMethod: "POST",
        identity: {
          accessKey: null,
          accountId: null,
          caller: null,
          cognitoAuthenticationProvider: null,
          cognitoAuthenticationType: null,
          cognitoIdentityId: null,
          cognitoIdentityPoolId: null,
          principalOrgId: null,
          sourceIp: "127.0.0.1",
          user: null,
          userAgent: "test/1",
          userArn: null,
        },
        path: "/prod/items/a b",
        protocol: "HTTP/1.1",
        requestId: expect.stringMatching(/^[\w+/]{15}=$/),
        requestTime: expect.stringMatching(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/),
        requestTimeEpoch: expect.toSatisfy((time: number) => Math.abs(Date.now() - time) < 60_000),
        resourceId: null,
        resourcePath: "/items/{id}",
        stage: "prod",
      },
      pathParameters: { id: "a b" },
      stageVariables: { model: "small" },
      body: '{"prompt":"hi"}',
      isBase64Encoded: false,
    });
  });

  it("has null for what there is none of", async () => {
    plane.deploy([route("GET /health", { format: "1.0" })], { stageName: "$default" });
    expect(await plane.event("/health")).toMatchObject({
      path: "/health",
      queryStringParameters: null,
      multiValueQueryStringParameters: null,
      pathParameters: null,
      stageVariables: null,
      body: null,
      isBase64Encoded: false,
    });
  });

  it("carries other bodies as base64", async () => {
    plane.deploy([route("POST /x", { format: "1.0" })]);
    const got = await plane.event("/prod/x", { method: "POST", body: Buffer.from([0, 255]) });
    expect(got).toMatchObject({ body: "AP8=", isBase64Encoded: true });
  });
});

describe("the answer in payload format 1.0", () => {
  const answer = (value: unknown) => {
    plane.deploy([route("POST /answer", { format: "1.0" })]);
    const headers = { "content-type": "application/json" };
    return plane.call("/prod/answer", { method: "POST", headers, body: JSON.stringify(value) });
  };

  it("takes status, headers of one and of many values, and body from the function", async () => {
    const got = await answer({
      statusCode: 201,
      headers: { "Content-Type": "text/html", "X-One": 1, "X-Both": "a" },
      multiValueHeaders: { "Set-Cookie": ["a=1", "b=2"], "x-both": ["a", "b"] },
      body: Buffer.from("<p>grüezi</p>").toString("base64"),
      isBase64Encoded: true,
    });
    expect(got).toMatchObject({ status: 201, body: "<p>grüezi</p>" });
    expect(got.headers.get("content-type")).toBe("text/html");
    expect(got.headers.get("x-one")).toBe("1");
    expect(got.headers.get("x-both")).toBe("a, b");
    expect(got.headers.getSetCookie()).toEqual(["a=1", "b=2"]);
  });

  it.each([
    [{ message: "no status" }],
    ["just text"],
    [null],
    [{ statusCode: 200, body: { not: "text" } }],
    [{ statusCode: 200, multiValueHeaders: { "x-one": "not a list" } }],
    [{ statusCode: 200, multiValueHeaders: { "x-break": ["a\nb"] } }],
  ])("is a plain 500 for %j", async (value) => {
    expect(await answer(value)).toMatchObject(internalError);
  });
});
