import { ApiGatewayV2Client, DeleteRouteSettingsCommand, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { GetFunctionCommand, InvokeCommand, LambdaClient } from "@aws-sdk/client-lambda";
import { GetCallerIdentityCommand, STSClient } from "@aws-sdk/client-sts";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { secretOf } from "../../src/local/credentials.ts";
import type { HttpRequest } from "../../src/local/http.ts";
import { FunctionRuntime } from "../../src/local/runtime/function-runtime.ts";
import { type SignatureCheck, verifySignature } from "../../src/local/sigv4.ts";
import { functionOf, invoke } from "./function-fixture.ts";
import { serve, type TestServer } from "./http-fixture.ts";
import { KEY, presign, sign } from "./signing-fixture.ts";

process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const anySecretOf = (id: string) => (id === KEY.accessKeyId ? KEY.secretAccessKey : secretOf(id));

let server: TestServer;
let check: SignatureCheck | undefined;
let received: HttpRequest;
beforeAll(async () => {
  server = await serve(async (request) => {
    received = request;
    check = await verifySignature(request, anySecretOf);
    return { status: check.ok ? 200 : 403, headers: {}, body: check.ok ? "ok" : check.reason };
  });
});
afterAll(() => server.close());

const good = { ok: true, accessKeyId: KEY.accessKeyId, region: "eu-west-1", service: "execute-api" };

describe("requests of the AWS SDK", () => {
  const config = () => ({
    region: "eu-central-1",
    endpoint: server.url,
    credentials: { ...KEY, sessionToken: "the-token" },
    maxAttempts: 1,
  });
  const functionArn = "arn:aws:lambda:eu-central-1:000000000000:function:f:live";

  it.each([
    ["sts", () => new STSClient(config()).send(new GetCallerIdentityCommand())],
    ["iam", () => new IAMClient(config()).send(new ListRolesCommand({ PathPrefix: "/a b/" }))],
    ["lambda", () => new LambdaClient(config()).send(new GetFunctionCommand({ FunctionName: functionArn }))],
    ["lambda", () => new LambdaClient(config()).send(new InvokeCommand({ FunctionName: "f", Payload: "{}" }))],
    ["apigateway", () => new ApiGatewayV2Client(config()).send(new GetApisCommand({ NextToken: "a+b/c==" }))],
    [
      "apigateway",
      () =>
        new ApiGatewayV2Client(config()).send(
          new DeleteRouteSettingsCommand({ ApiId: "a", StageName: "$default", RouteKey: "GET /{proxy+}" }),
        ),
    ],
    ["logs", () => new CloudWatchLogsClient(config()).send(new DescribeLogGroupsCommand())],
  ])("verify for %s", async (service, send) => {
    check = undefined;
    // What it answers is no answer of the service; only the signature is of interest.
    await send().catch(() => undefined);
    expect(check).toMatchObject({ ok: true, service, accessKeyId: KEY.accessKeyId });
  });

  it("verify when a function signs them with its role's credentials", async () => {
    const runtime = new FunctionRuntime({ onLog: () => {} });
    const fn = functionOf({
      "index.js": `exports.handler = async () => {
        const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = process.env;
        return { accessKeyId, secretAccessKey, sessionToken: process.env.AWS_SESSION_TOKEN };
      };`,
    });
    try {
      const { value } = await invoke(runtime, fn);
      if (!isCredentials(value)) throw new Error("The function has no credentials.");
      await new STSClient({ ...config(), credentials: value })
        .send(new GetCallerIdentityCommand())
        .catch(() => undefined);
      expect(check).toMatchObject({ ok: true, accessKeyId: value.accessKeyId });
    } finally {
      await runtime.close();
    }
  });
});

describe("payload hashes", () => {
  it.each(["UNSIGNED-PAYLOAD", "STREAMING-UNSIGNED-PAYLOAD-TRAILER", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD"])(
    "takes %s in place of one",
    async (hash) => {
      const url = `${server.url}/p`;
      const headers = await sign({ url, method: "POST", body: "signed", headers: { "x-amz-content-sha256": hash } });
      const { host: _host, ...sent } = headers;
      await fetch(url, { method: "POST", headers: sent, body: "another" });
      expect(check).toEqual(good);
    },
  );

  it("refuses one that is not the body's", async () => {
    const url = `${server.url}/p`;
    const hash = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    const { host: _host, ...headers } = await sign({ url, method: "POST", headers: { "x-amz-content-sha256": hash } });
    await fetch(url, { method: "POST", headers, body: "not empty" });
    expect(check).toEqual({ ok: false, reason: "SignatureMismatch" });
  });
});

describe("presigned URLs", () => {
  const get = async (...[wanted, expiresIn]: Parameters<typeof presign>) => {
    await fetch(await presign(wanted, expiresIn));
    return check;
  };
  const ago = (seconds: number) => new Date(Date.now() - seconds * 1000);
  const url = () => `${server.url}/it%20ems/%C3%BC?b=2&a=1&a=0&c=%2B%26`;

  it("verify, with a session token as well", async () => {
    expect(await get({ url: url() }, 900)).toEqual(good);
    expect(await get({ url: url(), credentials: { ...KEY, sessionToken: "t/+=" } }, 900)).toEqual(good);
  });

  it("are good for as long as they say, and not before their time", async () => {
    expect(await get({ url: url(), date: ago(3000) }, 3600)).toEqual(good);
    expect(await get({ url: url(), date: ago(3700) }, 3600)).toEqual({ ok: false, reason: "RequestExpired" });
    expect(await get({ url: url(), date: ago(-400) }, 3600)).toEqual({ ok: false, reason: "RequestExpired" });
  });

  it("are refused when anything in them was changed", async () => {
    await get({ url: url() }, 900);
    const change = (from: RegExp, to: string) =>
      verifySignature({ ...received, query: received.query.replace(from, to) }, anySecretOf);
    const mismatch = { ok: false, reason: "SignatureMismatch" };
    expect(await change(/a=1/, "a=2")).toEqual(mismatch);
    expect(await change(/X-Amz-Expires=900/, "X-Amz-Expires=901")).toEqual(mismatch);
    expect(await change(/X-Amz-Signature=./, "X-Amz-Signature=g")).toEqual({
      ok: false,
      reason: "IncompleteSignature",
    });
    expect(await change(/X-Amz-Expires=900/, "X-Amz-Expires=604801")).toMatchObject({ reason: "IncompleteSignature" });
    expect(await change(/X-Amz-Expires=900&?/, "")).toMatchObject({ reason: "IncompleteSignature" });
    expect(await change(/AKIATEST0/, "AKIATEST1")).toEqual({ ok: false, reason: "UnknownAccessKey" });
    expect(await verifySignature({ ...received, body: Buffer.from("x") }, anySecretOf)).toEqual(mismatch);
  });
});

interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

function isCredentials(value: unknown): value is Credentials {
  return typeof value === "object" && value !== null && "accessKeyId" in value && "secretAccessKey" in value;
}
