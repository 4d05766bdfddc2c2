import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { beforeEach, describe, expect, it } from "vitest";
import { isInstalled } from "../support/is-installed.ts";
import { forbidden, route, testPlane } from "./data-plane-fixture.ts";
import { KEY, presign, sign } from "./signing-fixture.ts";

const plane = testPlane();

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

  beforeEach(() => plane.deploy([route("POST /inference", { auth: "AWS_IAM" })]));

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

  it("serves a presigned URL until it expires", async () => {
    plane.deploy([route("GET /inference", { auth: "AWS_IAM" })]);
    const get = async (changes = {}) => {
      const response = await fetch(await presign({ url: `${url()}?model=small`, ...changes }, 60));
      return { status: response.status, body: await response.text() };
    };
    const got = await get();
    expect(got.status).toBe(200);
    expect(JSON.parse(got.body)).toMatchObject({ queryStringParameters: { model: "small" } });
    expect(await get({ date: new Date(Date.now() - 61_000) })).toEqual(forbidden);
    expect(await get({ region: "us-east-1" })).toEqual(forbidden);
    expect(await get({ credentials: { ...KEY, secretAccessKey: "wrong" } })).toEqual(forbidden);
  });

  it("puts the caller into the identity of payload format 1.0", async () => {
    plane.deploy([route("POST /inference", { auth: "AWS_IAM", format: "1.0" })]);
    const { requestContext } = JSON.parse((await post(await signed())).body);
    expect(requestContext).toMatchObject({
      authorizer: { claims: null, scopes: null },
      identity: {
        accessKey: KEY.accessKeyId,
        accountId: "000000000000",
        caller: "000000000000",
        user: "000000000000",
        userArn: "arn:aws:iam::000000000000:root",
      },
    });
  });
});
