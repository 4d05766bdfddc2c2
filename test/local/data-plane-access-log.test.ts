import { beforeEach, describe, expect, it } from "vitest";
import { dataPlaneView } from "../../src/local/data-plane/view.ts";
import { createLogGroup } from "../../src/local/services/logs-model.ts";
import { newAccount } from "../../src/local/store/account.ts";
import { TIMINGS } from "../../src/local/timing.ts";
import { allow, route, testPlane } from "./data-plane-fixture.ts";
import { functionOf } from "./function-fixture.ts";
import { KEY, sign } from "./signing-fixture.ts";
import { tokenIssuer } from "./token-issuer-fixture.ts";

const plane = testPlane();
const issuer = tokenIssuer("llm");
const destinationArn = "arn:aws:logs:eu-west-1:000000000000:log-group:/aws/vendedlogs/a1";

/** Serves the routes with a log of these variables. */
function deploy(
  variables: string[],
  changes: Parameters<typeof plane.deploy>[1] = {},
  routes = [route("POST /answer")],
) {
  const format = variables.map((name) => `$context.${name}`).join(" | ");
  plane.deploy(routes, { ...changes, accessLogSettings: { destinationArn, format } });
}

/** The only line of the log, as the values of its variables. */
function values(): string[] {
  expect(plane.logged.map((entry) => entry.destinationArn)).toEqual([destinationArn]);
  return plane.logged[0]?.line.split(" | ") ?? [];
}

const answer = (value: unknown, headers: Record<string, string> = {}) =>
  plane.call("/prod/answer?x=1", {
    method: "POST",
    headers: { "content-type": "application/json", "user-agent": "test/1", ...headers },
    body: JSON.stringify(value),
  });

describe("a line of the access log", () => {
  it("tells of the request and its answer", async () => {
    deploy(["requestId", "extendedRequestId", "httpMethod", "path", "routeKey", "stage", "status", "responseLength"]);
    const got = await answer({ statusCode: 201, body: "grüezi" });
    const id = got.headers.get("apigw-requestid");
    expect(values()).toEqual([id, id, "POST", "/prod/answer", "POST /answer", "prod", "201", "7"]);
  });

  it("tells of client and gateway", async () => {
    deploy(["identity.sourceIp", "identity.userAgent", "protocol", "accountId", "apiId", "domainName", "domainPrefix"]);
    await answer({ statusCode: 200 });
    const domain = "a1.execute-api.eu-west-1.amazonaws.com";
    expect(values()).toEqual(["127.0.0.1", "test/1", "HTTP/1.1", "000000000000", "a1", domain, "a1"]);
  });

  it("tells of times and of the integration", async () => {
    deploy([
      ...["requestTime", "requestTimeEpoch", "responseLatency", "integrationLatency", "integration.latency"],
      ...["integration.status", "integrationStatus", "integration.integrationStatus"],
      ...["awsEndpointRequestId", "integration.requestId", "integrationErrorMessage", "integration.error"],
    ]);
    await answer({ statusCode: 418 });
    const [time, epoch, ...rest] = values();
    expect(time).toMatch(/^\d\d\/[A-Z][a-z]{2}\/\d{4}:\d\d:\d\d:\d\d \+0000$/);
    expect(Math.abs(Date.now() - Number(epoch))).toBeLessThan(60_000);
    expect(rest.slice(0, 3)).toEqual(Array(3).fill(expect.stringMatching(/^\d+$/)));
    expect(rest.slice(3, 6)).toEqual(["418", "200", "200"]);
    expect(rest[6]).toMatch(/^[0-9a-f-]{36}$/);
    expect(rest.slice(7)).toEqual([rest[6], "-", "-"]);
  });

  it("has a hyphen for what is unknown or empty, and keeps the text around variables", async () => {
    const format = '{"a":"$context.nothing","b":"$context.authorizer.error","c":"$context.status.","d":"$context"}';
    plane.deploy([route("POST /answer")], { accessLogSettings: { destinationArn, format } });
    await answer({ statusCode: 200 });
    expect(plane.logged[0]?.line).toBe('{"a":"-","b":"-","c":"200.","d":"$context"}');
  });

  it("is written for refusals that reach a stage, and no others", async () => {
    const variables = ["status", "error.message", "error.messageString", "error.responseType", "routeKey"];
    deploy(variables);
    await plane.call("/prod/nothing");
    expect(values()).toEqual(["404", "Not Found", '"Not Found"', "RESOURCE_NOT_FOUND", "-"]);
    deploy(variables, { defaultRouteSettings: { throttlingRateLimit: 0, throttlingBurstLimit: 0 } });
    await answer({});
    expect(values()).toEqual(["429", "Too Many Requests", '"Too Many Requests"', "THROTTLED", "POST /answer"]);
    deploy(variables);
    await plane.call("/other/nothing");
    expect(plane.logged).toEqual([]);
  });

  it("does not take a function's own error for one of the gateway", async () => {
    deploy(["status", "error.message", "error.responseType"]);
    await answer({ statusCode: 404, body: '{"message":"Not Found"}' });
    expect(values()).toEqual(["404", "-", "-"]);
  });

  it.each([
    ["permission", () => plane.function({ policy: [] }), {}, /permissions to call the integration/],
    ["a usable answer", () => {}, { statusCode: "fine" }, /doesn't match the format/],
  ])("says why there was no answer: %s", async (_what, prepare, value, reason) => {
    prepare();
    deploy(["status", "error.responseType", "integrationErrorMessage"]);
    await answer(value);
    expect(values()).toEqual(["500", "INTEGRATION_FAILURE", expect.stringMatching(reason)]);
  });
});

describe("what authorizers found out", () => {
  const iam = ["identity.accountId", "identity.caller", "identity.user", "identity.userArn"];

  it("is in the log for signed requests", async () => {
    deploy(iam, {}, [route("GET /x", { auth: "AWS_IAM" })]);
    const { host: _host, ...headers } = await sign({ url: `${plane.url}/prod/x`, credentials: KEY });
    await plane.call("/prod/x", { headers });
    expect(values()).toEqual([...Array(3).fill("000000000000"), "arn:aws:iam::000000000000:root"]);
    deploy([...iam, "authorizer.error"], {}, [route("GET /x", { auth: "AWS_IAM" })]);
    await plane.call("/prod/x");
    expect(values()).toEqual(["-", "-", "-", "-", expect.stringContaining("MissingAuthentication")]);
  });

  it("is in the log for tokens", async () => {
    const authorizer = {
      authorizerType: "JWT",
      authorizerId: "jwt1",
      name: "jwt",
      identitySource: ["$request.header.Authorization"],
      issuer: issuer.url,
      audience: ["llm"],
    } as const;
    const variables = ["authorizer.claims.sub", "authorizer.claims.cognito:groups", "authorizer.claims", "status"];
    deploy(variables, { authorizers: [authorizer] }, [route("GET /x", { auth: "JWT", authorizerId: "jwt1" })]);
    const authorization = await issuer.token({ "cognito:groups": ["a", "b"] });
    await plane.call("/prod/x", { headers: { authorization } });
    expect(values()).toEqual(["user", "[a b]", "-", "200"]);
  });

  describe("by a function", () => {
    const decider = functionOf(
      { "index.js": "exports.handler = async (event) => JSON.parse(event.headers['x-answer'])" },
      { functionName: "decider" },
    );
    const authorizer = {
      authorizerType: "REQUEST",
      authorizerId: "auth1",
      name: "auth",
      identitySource: [],
      authorizerUri: decider.functionArn,
      payloadFormatVersion: "2.0",
      enableSimpleResponses: false,
      resultTtlInSeconds: 0,
    } as const;
    const variables = ["authorizer.principalId", "authorizer.user", "authorizer.level", "authorizer.error"];
    const get = (value: object) => plane.call("/prod/x", { headers: { "x-answer": JSON.stringify(value) } });
    beforeEach(() => {
      plane.function({ version: decider, policy: [allow()] }, decider.functionArn);
      deploy([...variables, "error.responseType"], { authorizers: [authorizer] }, [
        route("GET /x", { auth: "CUSTOM", authorizerId: "auth1" }),
      ]);
    });

    it("is in the log", async () => {
      const policyDocument = { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
      await get({ principalId: "me", policyDocument, context: { user: "u", level: 3 } });
      expect(values()).toEqual(["me", "u", "3", "-", "-"]);
    });

    it("or why it found nothing", async () => {
      await get({ isAuthorized: true });
      expect(values()).toEqual(["-", "-", "-", expect.stringContaining("format"), "AUTHORIZER_FAILURE"]);
    });
  });
});

describe("the log group", () => {
  const account = newAccount({ region: "eu-west-1", url: "http://x", timing: TIMINGS.off, roles: new Map() });

  it("gets the lines while it exists, and is not made", () => {
    const { log } = dataPlaneView(account);
    log(destinationArn, "a1/prod", "lost");
    expect(account.logGroups.size).toBe(0);
    const group = createLogGroup(account, "/aws/vendedlogs/a1", new Map());
    log(destinationArn, "a1/prod", "first");
    log(destinationArn, "a1/prod", "second");
    expect(group.events.map(({ message, stream }) => [stream, message])).toEqual([
      ["a1/prod", "first"],
      ["a1/prod", "second"],
    ]);
  });
});
