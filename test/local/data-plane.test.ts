import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, vi } from "vitest";
import { allow, internalError, notFound, route, testPlane, tooLarge, tooMany } from "./data-plane-fixture.ts";
import { functionOf } from "./function-fixture.ts";

const plane = testPlane();
const functionArn = "arn:aws:lambda:eu-west-1:000000000000:function:demo-prod";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe("refusals", () => {
  it("knows no such API, stage or route", async () => {
    plane.deploy([route("POST /inference")]);
    expect(await plane.call("/prod/inference")).toMatchObject(notFound);
    expect(await plane.call("/dev/inference", { method: "POST" })).toMatchObject(notFound);
    expect(await plane.call("/inference", { method: "POST" })).toMatchObject(notFound);
    plane.deploy([], { apiId: "other" });
    const got = await plane.call("/prod/inference", { method: "POST" });
    expect(got).toMatchObject(notFound);
    expect(got.headers.get("apigw-requestid")).not.toBeNull();
  });

  it("does not take $default for a stage in the path", async () => {
    plane.deploy([route("GET /health")], { stageName: "$default" });
    expect(await plane.call("/$default/health")).toMatchObject(notFound);
    expect((await plane.call("/health")).status).toBe(200);
  });

  it("needs a permission for the ARN of stage, method and route", async () => {
    const arn = (tail: string) => `arn:aws:execute-api:eu-west-1:000000000000:a1/${tail}`;
    plane.deploy([route("ANY /items/{id}"), route("$default")]);
    const put = () => plane.call("/prod/items/7", { method: "PUT" });
    plane.function({ policy: [allow(arn("prod/PUT/items/{id}"))] });
    expect((await put()).status).toBe(200);
    expect(await plane.call("/prod/items/7", { method: "POST" })).toMatchObject(internalError);
    expect(await plane.call("/prod/else")).toMatchObject(internalError);
    plane.function({ policy: [allow(arn("prod/$default"))] });
    expect((await plane.call("/prod/else")).status).toBe(200);
    expect(await put()).toMatchObject(internalError);
    plane.function({ policy: [] });
    expect(await put()).toMatchObject(internalError);
  });

  it.each([
    ["all of the API", "arn:aws:execute-api:eu-west-1:000000000000:a1/*", 200],
    ["any stage, any method", "arn:aws:execute-api:eu-west-1:000000000000:a1/*/*/items/*", 200],
    ["one character", "arn:aws:execute-api:eu-west-1:000000000000:a1/pro?/GET/items/{id}", 200],
    ["another API", "arn:aws:execute-api:eu-west-1:000000000000:a2/*", 500],
    ["another account", "arn:aws:execute-api:eu-west-1:111111111111:*", 500],
    ["a wildcard across colons", "arn:aws:*:a1/prod/GET/items/{id}", 500],
  ])("compares source ARNs as IAM does: %s", async (_what, source, status) => {
    plane.deploy([route("ANY /items/{id}")]);
    plane.function({ policy: [allow(source)] });
    expect((await plane.call("/prod/items/7")).status).toBe(status);
  });

  it.each([
    ["the owner's account", { Condition: { StringEquals: { "AWS:SourceAccount": "000000000000" } } }, 200],
    ["another account", { Condition: { StringEquals: { "AWS:SourceAccount": "111111111111" } } }, 500],
    ["a condition it knows nothing of", { Condition: { StringEquals: { "aws:PrincipalOrgID": "o-1" } } }, 500],
    ["everybody", { Principal: "*" }, 200],
    ["another service", { Principal: { Service: "s3.amazonaws.com" } }, 500],
    ["another action", { Action: "lambda:GetFunction" }, 500],
    ["every action", { Action: "lambda:*" }, 200],
  ] as const)("reads a policy for %s", async (_what, changes, status) => {
    plane.function({ policy: [allow(undefined, changes)] });
    expect((await plane.call("/prod/x")).status).toBe(status);
  });

  it("calls a version or an alias by its own policy", async () => {
    const alias = `${functionArn}:live`;
    plane.deploy([route("GET /x", { functionArn: alias })]);
    expect(await plane.call("/prod/x")).toMatchObject(internalError);
    plane.function({ version: functionOf({ "index.js": "exports.handler = async () => 'alias'" }) }, alias);
    expect(await plane.call("/prod/x")).toMatchObject({ status: 200, body: "alias" });
    plane.function({ policy: [] }, alias);
    expect(await plane.call("/prod/x")).toMatchObject(internalError);
  });

  it("is a plain 500 when the function is missing, and a 404 when the route has no target", async () => {
    plane.deploy([route("GET /gone", { functionArn: `${functionArn}-gone` }), route("GET /bare", { target: false })]);
    expect(await plane.call("/prod/gone")).toMatchObject(internalError);
    expect(await plane.call("/prod/bare")).toMatchObject(notFound);
  });

  it("throttles a stage, and lets nothing through at 0", async () => {
    const limits = (throttlingRateLimit: number, throttlingBurstLimit: number) => ({
      throttlingRateLimit,
      throttlingBurstLimit,
    });
    plane.deploy([route("GET /x"), route("GET /y"), route("GET /own")], {
      defaultRouteSettings: limits(0.000_001, 2),
      routeSettings: { "GET /own": { throttlingBurstLimit: 1 } },
    });
    expect((await plane.call("/prod/x")).status).toBe(200);
    expect((await plane.call("/prod/y")).status).toBe(200);
    expect(await plane.call("/prod/x")).toMatchObject(tooMany);
    expect((await plane.call("/prod/own")).status).toBe(200);
    expect(await plane.call("/prod/own")).toMatchObject(tooMany);
    for (const defaultRouteSettings of [limits(0, 5), limits(5, 0)]) {
      plane.deploy([route("GET /x")], { defaultRouteSettings });
      expect(await plane.call("/prod/x")).toMatchObject(tooMany);
    }
  });

  it("refuses bodies above 10 MB, and above what Lambda takes", async () => {
    const post = (size: number) =>
      plane.call("/prod/x", { method: "POST", headers: { "content-type": "text/plain" }, body: "x".repeat(size) });
    expect(await post(10 * 1024 * 1024 + 1)).toMatchObject(tooLarge);
    expect(await post(7 * 1024 * 1024)).toMatchObject(tooLarge);
  });

  it("refuses a request line and headers above 10,240 bytes", async () => {
    const tooLong = { status: 431, body: '{"message":"Request Header Fields Too Large"}' };
    expect((await plane.call(`/prod/${"x".repeat(9_000)}`)).status).toBe(200);
    expect(await plane.call(`/prod/${"x".repeat(10_200)}`)).toMatchObject(tooLong);
    expect(await plane.call("/prod/x", { headers: { "x-long": "x".repeat(10_200) } })).toMatchObject(tooLong);
  });

  it("gives up after the integration's timeout while the function runs on", async () => {
    const [go, done] = [join(folder, "go"), join(folder, "done")];
    plane.deploy([route("POST /wait", { timeoutMs: 50 }), route("GET /x")]);
    const body = JSON.stringify({ go, done });
    const got = await plane.call("/prod/wait", {
      method: "POST",
      headers: { "content-type": "application/json" },
      body,
    });
    expect(got).toMatchObject({ status: 503, body: '{"message":"Service Unavailable"}' });
    expect(existsSync(done)).toBe(false);
    await writeFile(go, "");
    await vi.waitUntil(() => existsSync(done), { timeout: 20_000 });
    expect((await plane.call("/prod/x")).status).toBe(200);
  });
});
