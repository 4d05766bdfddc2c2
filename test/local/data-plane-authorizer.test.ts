import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import type { RequestAuthorizer } from "../../src/local/store/apigatewayv2.ts";
import { allow, forbidden, internalError, route, testPlane, unauthorized } from "./data-plane-fixture.ts";
import { functionOf } from "./function-fixture.ts";

const plane = testPlane();
const API = "arn:aws:execute-api:eu-west-1:000000000000:a1";

/** Answers what the header x-answer says, or throws; its event and how often it was asked are put into the context. */
const decider = functionOf(
  {
    "index.js": `let calls = 0;
      exports.handler = async (event) => {
        const answer = JSON.parse(event.headers["x-answer"]);
        if (answer === "throw") throw new Error("no");
        if (answer.started) {
          require("node:fs").writeFileSync(answer.started, "");
          await new Promise(() => setInterval(() => {}, 1000));
        }
        calls += 1;
        if (answer.context) Object.assign(answer.context, { calls, event });
        return answer;
      };`,
  },
  { functionName: "decider" },
);

function authorizer(changes: Partial<RequestAuthorizer> = {}): RequestAuthorizer {
  return {
    authorizerType: "REQUEST",
    authorizerId: "auth1",
    name: "auth",
    identitySource: ["$request.header.Authorization"],
    authorizerUri: `arn:aws:apigateway:eu-west-1:lambda:path/2015-03-31/functions/${decider.functionArn}/invocations`,
    payloadFormatVersion: "2.0",
    enableSimpleResponses: true,
    resultTtlInSeconds: 0,
    ...changes,
  };
}

type Deploy = Partial<RequestAuthorizer> & { format?: "1.0"; cacheResetAt?: number; stageName?: string };

function deploy({ format, cacheResetAt, stageName, ...changes }: Deploy = {}): void {
  const locked = { auth: "CUSTOM", authorizerId: "auth1", ...(format && { format }) } as const;
  plane.deploy([route("GET /x", locked), route("GET /items/{id}", locked)], {
    authorizers: [authorizer(changes)],
    stageVariables: { model: "small" },
    ...(cacheResetAt !== undefined && { cacheResetAt }),
    ...(stageName !== undefined && { stageName }),
  });
}

const get = (answer: unknown, path = "/prod/x", headers: Record<string, string> = { authorization: "token" }) =>
  plane.call(path, { headers: { ...headers, "x-answer": JSON.stringify(answer) } });

const yes = { isAuthorized: true, context: {} };

/** What the function of the route sees of the authorizer. */
async function seen(...request: Parameters<typeof get>) {
  return JSON.parse((await get(...request)).body).requestContext.authorizer;
}

beforeEach(() => {
  plane.function({ version: decider, policy: [allow(`${API}/authorizers/auth1`)] }, decider.functionArn);
  deploy();
});
afterEach(() => {
  vi.useRealTimers();
});

describe("simple responses", () => {
  it("let in or not, and hand their context on", async () => {
    const context = { user: "u", level: 3, admin: true, groups: ["a"] };
    expect(await seen({ isAuthorized: true, context })).toMatchObject({ lambda: context });
    expect(await seen({ isAuthorized: true })).toEqual({ lambda: null });
    expect(await get({ isAuthorized: false })).toMatchObject(forbidden);
    deploy({ format: "1.0" });
    expect(await seen({ isAuthorized: true, context })).toMatchObject(context);
  });

  it.each([[{}], [{ isAuthorized: "true" }], [{ isAuthorized: true, context: "text" }], ["throw"], [null], [true]])(
    "are a 500 when they are %j",
    async (answer) => {
      expect(await get(answer)).toMatchObject(internalError);
    },
  );
});

describe("policies", () => {
  const policy = (...statements: object[]) => ({
    principalId: "me",
    policyDocument: { Version: "2012-10-17", Statement: statements },
    context: { user: "u" },
  });
  const statement = (
    Effect: string,
    Resource: string | string[],
    Action: string | string[] = "execute-api:Invoke",
  ) => ({
    Effect,
    Action,
    Resource,
  });
  beforeEach(() => deploy({ enableSimpleResponses: false }));

  it.each([
    ["the very route", [statement("Allow", `${API}/prod/GET/items/7`)], 200],
    ["any path", [statement("Allow", [`${API}/other`, `${API}/prod/*`])], 200],
    ["anything", [statement("Allow", "*", "*")], 200],
    ["any API", [statement("Allow", "arn:aws:execute-api:*", "EXECUTE-API:*")], 200],
    ["another path", [statement("Allow", `${API}/prod/GET/items/8`)], 403],
    ["another method", [statement("Allow", `${API}/prod/POST/*`)], 403],
    ["another action", [statement("Allow", "*", "execute-api:ManageConnections")], 403],
    ["a denial among permissions", [statement("Allow", "*"), statement("Deny", `${API}/*/GET/items/?`)], 403],
    ["a denial of something else", [statement("Allow", "*"), statement("Deny", `${API}/prod/POST/*`)], 200],
    ["nothing", [], 403],
    ["a condition", [{ ...statement("Allow", "*"), Condition: {} }], 500],
    ["an unknown effect", [statement("Maybe", "*")], 500],
  ])("decide about %s", async (_what, statements, status) => {
    expect((await get(policy(...statements), "/prod/items/7")).status).toBe(status);
  });

  it("may be a single statement, must name a principal, and hand their context on", async () => {
    const { policyDocument, ...rest } = policy();
    const allowed = { ...policyDocument, Statement: statement("Allow", "*") };
    expect(await seen({ ...rest, policyDocument: allowed })).toMatchObject({ lambda: { user: "u" } });
    expect(await get({ policyDocument: allowed })).toMatchObject(internalError);
    expect(await get({ isAuthorized: true })).toMatchObject(internalError);
    deploy({ enableSimpleResponses: false, payloadFormatVersion: "1.0", format: "1.0" });
    expect(await seen({ ...rest, policyDocument: allowed })).toMatchObject({ principalId: "me", user: "u" });
  });
});

describe("the authorizer's event", () => {
  it("is the request without its body in format 2.0", async () => {
    deploy({ identitySource: ["$request.header.Authorization", "$request.querystring.q", "$stageVariables.model"] });
    const { lambda } = await seen(yes, "/prod/items/a%20b?q=1");
    expect(lambda.event).toEqual({
      version: "2.0",
      type: "REQUEST",
      routeArn: `${API}/prod/GET/items/a%20b`,
      identitySource: ["token", "1", "small"],
      routeKey: "GET /items/{id}",
      rawPath: "/prod/items/a b",
      rawQueryString: "q=1",
      headers: expect.objectContaining({ authorization: "token" }),
      queryStringParameters: { q: "1" },
      requestContext: expect.objectContaining({ stage: "prod", http: expect.objectContaining({ method: "GET" }) }),
      pathParameters: { id: "a b" },
      stageVariables: { model: "small" },
    });
    expect(lambda.event.requestContext).not.toHaveProperty("authorizer");
  });

  it("has the members of REST APIs in format 1.0", async () => {
    const policyDocument = { Statement: [{ Effect: "Allow", Action: "*", Resource: "*" }] };
    deploy({ payloadFormatVersion: "1.0", enableSimpleResponses: false, stageName: "$default" });
    const { lambda } = await seen({ principalId: "me", policyDocument, context: {} }, "/x");
    expect(lambda.event).toEqual({
      version: "1.0",
      type: "REQUEST",
      methodArn: `${API}/$default/GET/x`,
      identitySource: "token",
      authorizationToken: "token",
      resource: "/x",
      path: "/x",
      httpMethod: "GET",
      headers: expect.objectContaining({ authorization: "token" }),
      queryStringParameters: {},
      pathParameters: {},
      stageVariables: { model: "small" },
      requestContext: expect.objectContaining({ stage: "$default", resourcePath: "/x" }),
    });
  });
});

describe("identity sources", () => {
  it("that are missing are a 401, and nobody is asked", async () => {
    deploy({ identitySource: ["$request.header.X-Key", "$request.querystring.key"] });
    expect(await get("throw", "/prod/x", { "x-key": "1" })).toMatchObject(unauthorized);
    expect(await get("throw", "/prod/x?key=1", {})).toMatchObject(unauthorized);
    expect(await get("throw", "/prod/x?key=", { "x-key": "1" })).toMatchObject(unauthorized);
    expect((await get(yes, "/prod/x?key=1", { "x-key": "1" })).status).toBe(200);
  });

  it("may be left out", async () => {
    deploy({ identitySource: [] });
    const { lambda } = await seen(yes, "/prod/x", {});
    expect(lambda.event.identitySource).toBeNull();
  });
});

describe("kept decisions", () => {
  const calls = async (path?: string, token = "kept") => (await seen(yes, path, { authorization: token })).lambda.calls;

  it("count for every route, for each identity, until their time is over", async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    deploy({ resultTtlInSeconds: 60 });
    const first = await calls("/prod/x", "a");
    expect(await calls("/prod/x", "a")).toBe(first);
    expect(await calls("/prod/items/1", "a")).toBe(first);
    expect(await calls("/prod/x", "b")).toBe(first + 1);
    vi.setSystemTime(Date.now() + 60_000);
    expect(await calls("/prod/x", "a")).toBe(first + 2);
  });

  it("are not shared by routes when the route is an identity source", async () => {
    deploy({ resultTtlInSeconds: 60, identitySource: ["$request.header.Authorization", "$context.routeKey"] });
    const first = await calls("/prod/x", "c");
    expect(await calls("/prod/items/1", "c")).toBe(first + 1);
    expect(await calls("/prod/items/2", "c")).toBe(first + 1);
  });

  it("are forgotten when the stage's cache is reset", async () => {
    deploy({ resultTtlInSeconds: 60 });
    const first = await calls("/prod/x", "d");
    deploy({ resultTtlInSeconds: 60, cacheResetAt: Date.now() + 1 });
    expect(await calls("/prod/x", "d")).toBe(first + 1);
  });

  it("are still asked about each route when they are policies, and refusals are kept too", async () => {
    deploy({ resultTtlInSeconds: 60, enableSimpleResponses: false });
    const Statement = [{ Effect: "Allow", Action: "execute-api:Invoke", Resource: `${API}/prod/GET/x` }];
    const headers = { authorization: "e" };
    expect((await get({ principalId: "me", policyDocument: { Statement } }, "/prod/x", headers)).status).toBe(200);
    expect(await get("throw", "/prod/items/1", headers)).toMatchObject(forbidden);
    deploy({ resultTtlInSeconds: 60 });
    expect(await get({ isAuthorized: false }, "/prod/x", { authorization: "f" })).toMatchObject(forbidden);
    expect(await get(yes, "/prod/x", { authorization: "f" })).toMatchObject(forbidden);
  });

  it("are not made of failures, nor without a time to live", async () => {
    deploy({ resultTtlInSeconds: 60 });
    expect(await get("throw", "/prod/x", { authorization: "g" })).toMatchObject(internalError);
    expect((await get(yes, "/prod/x", { authorization: "g" })).status).toBe(200);
    deploy();
    const first = await calls("/prod/x", "h");
    expect(await calls("/prod/x", "h")).toBe(first + 1);
  });
});

describe("the authorizer's function", () => {
  it("needs a permission of its own, and to exist", async () => {
    plane.function({ policy: [allow(`${API}/*/GET/x`)] }, decider.functionArn);
    expect(await get(yes)).toMatchObject(internalError);
    plane.function({ policy: [allow(`${API}/authorizers/*`)] }, decider.functionArn);
    expect((await get(yes)).status).toBe(200);
    plane.function({ version: undefined }, decider.functionArn);
    expect(await get(yes)).toMatchObject(internalError);
  });

  it("has ten seconds to decide", async () => {
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    const folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
    const started = join(folder, "started");
    const answer = get({ started });
    while (!existsSync(started)) await new Promise(setImmediate);
    vi.advanceTimersByTime(10_000);
    expect(await answer).toMatchObject(internalError);
    await rm(folder, { recursive: true });
  });

  it("is the only way in: without the authorizer the route is a 500", async () => {
    plane.deploy([route("GET /x", { auth: "CUSTOM", authorizerId: "gone" })]);
    expect(await get(yes)).toMatchObject(internalError);
  });
});
