import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { forbidden, internalError, route, testPlane } from "./data-plane-fixture.ts";
import { isInstalled } from "./function-fixture.ts";
import { KEY, sign } from "./signing-fixture.ts";

const plane = testPlane();
const notFound = { status: 404, body: '{"message":"Not Found"}' };

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

  it("asks for permission with the ARN of stage, method and route", async () => {
    plane.deploy([route("ANY /items/{id}"), route("$default")]);
    const asked = plane.permit(false);
    expect(await plane.call("/prod/items/7", { method: "PUT" })).toMatchObject(internalError);
    expect(await plane.call("/prod/else")).toMatchObject(internalError);
    expect(asked).toEqual([
      "arn:aws:execute-api:eu-west-1:000000000000:a1/prod/PUT/items/{id}",
      "arn:aws:execute-api:eu-west-1:000000000000:a1/prod/$default",
    ]);
  });

  it("is a plain 500 when the function is missing or the payload format unknown", async () => {
    plane.deploy([route("GET /gone", { functionArn: "arn:gone" }), route("GET /old", { payloadFormatVersion: "1.0" })]);
    expect(await plane.call("/prod/gone")).toMatchObject(internalError);
    expect(await plane.call("/prod/old")).toMatchObject(internalError);
  });

  it("throttles a stage, and lets nothing through at 0", async () => {
    const tooMany = { status: 429, body: '{"message":"Too Many Requests"}' };
    plane.deploy([route("GET /x")], { throttle: { rate: 0.000_001, burst: 2 } });
    expect((await plane.call("/prod/x")).status).toBe(200);
    expect((await plane.call("/prod/x")).status).toBe(200);
    expect(await plane.call("/prod/x")).toMatchObject(tooMany);
    for (const throttle of [
      { rate: 0, burst: 5 },
      { rate: 5, burst: 0 },
    ]) {
      plane.deploy([route("GET /x")], { throttle, stageName: "zero" });
      expect(await plane.call("/zero/x")).toMatchObject(tooMany);
    }
  });

  it("refuses bodies above 10 MB, and above what Lambda takes", async () => {
    const tooLarge = { status: 413, body: '{"message":"Request Entity Too Large"}' };
    const post = (size: number) =>
      plane.call("/prod/x", { method: "POST", headers: { "content-type": "text/plain" }, body: "x".repeat(size) });
    expect(await post(10 * 1024 * 1024 + 1)).toMatchObject(tooLarge);
    expect(await post(7 * 1024 * 1024)).toMatchObject(tooLarge);
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

describe("AWS_IAM", () => {
  const url = () => `${plane.url}/prod/inference`;
  const post = async (headers: Record<string, string>) => {
    const { host: _host, ...sent } = headers;
    const response = await fetch(url(), { method: "POST", headers: sent, body: '{"prompt":"hi"}' });
    return { status: response.status, body: await response.text() };
  };
  const signed = (changes = {}) =>
    sign({
      url: url(),
      method: "POST",
      body: '{"prompt":"hi"}',
      headers: { "content-type": "application/json" },
      ...changes,
    });

  beforeEach(() => plane.deploy([route("POST /inference", { authorizationType: "AWS_IAM" })]));

  it("serves a signed request and names the caller", async () => {
    const got = await post(await signed());
    expect(got.status).toBe(200);
    expect(JSON.parse(got.body)).toMatchObject({
      body: '{"prompt":"hi"}',
      requestContext: {
        authorizer: {
          iam: {
            accessKey: KEY.accessKeyId,
            accountId: "000000000000",
            callerId: "000000000000",
            userArn: "arn:aws:iam::000000000000:root",
            userId: "000000000000",
          },
        },
      },
    });
  });

  it("refuses a missing or wrong signature, another service and another region", async () => {
    expect(await post({})).toEqual(forbidden);
    expect(await post({ ...(await signed()), authorization: "nonsense" })).toEqual(forbidden);
    expect(await post(await signed({ body: "other" }))).toEqual(forbidden);
    expect(await post(await signed({ service: "lambda" }))).toEqual(forbidden);
    expect(await post(await signed({ region: "us-east-1" }))).toEqual(forbidden);
  });

  it.skipIf(!isInstalled("curl"))("serves curl --aws-sigv4", async () => {
    const { stdout } = await promisify(execFile)("curl", [
      ...["-sS", "--aws-sigv4", "aws:amz:eu-west-1:execute-api", "--user", `${KEY.accessKeyId}:${KEY.secretAccessKey}`],
      ...["-H", "content-type: application/json", "-d", '{"prompt":"hi"}', url()],
    ]);
    expect(JSON.parse(stdout)).toMatchObject({ body: '{"prompt":"hi"}' });
  });
});
