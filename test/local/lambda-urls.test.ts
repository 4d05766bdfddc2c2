import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { createFunction, startAccount, type TestAccount, zipOf } from "./control-plane-support.ts";
import { makePublic, publish, say } from "./lambda-fixture.ts";
import { sign } from "./signing-fixture.ts";

/** Answers with its event and what it says, or as the body of the request tells. */
const SOURCE = zipOf(`export const handler = async (event) => {
  if (event.rawPath === "/throw") throw new Error("secret");
  if (event.rawPath === "/answer") return JSON.parse(event.body);
  return { ...event, say: process.env.SAY ?? "" };
};`);

const FORBIDDEN = {
  Message:
    "Forbidden. For troubleshooting Function URL authorization issues, see: https://docs.aws.amazon.com/lambda/latest/dg/urls-auth.html",
};

let aws: TestAccount;
let count = 0;
let FunctionName = "";
let ARN = "";
beforeAll(async () => {
  aws = await startAccount();
});
afterAll(() => aws.close());
beforeEach(async () => {
  count += 1;
  FunctionName = `f${count}`;
  ({ FunctionArn: ARN = "" } = await createFunction(aws, FunctionName, { Code: { ZipFile: SOURCE } }));
});

async function createUrl(input: Partial<lambda.CreateFunctionUrlConfigCommandInput> = {}): Promise<string> {
  const command = new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE", ...input });
  return (await aws.lambda.send(command)).FunctionUrl ?? "";
}

async function publicUrl(input: Partial<lambda.CreateFunctionUrlConfigCommandInput> = {}): Promise<string> {
  await makePublic(aws, FunctionName, input.Qualifier);
  return createUrl(input);
}

function answer(url: string, body: unknown) {
  return fetch(`${url}answer`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify(body),
  });
}

test("a URL is created, read, changed, listed and deleted", async () => {
  const Cors = { AllowOrigins: ["https://a.example"], MaxAge: 5 };
  const created = await aws.lambda.send(
    new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "AWS_IAM", Cors }),
  );
  expect(created).toMatchObject({ FunctionArn: ARN, AuthType: "AWS_IAM", InvokeMode: "BUFFERED", Cors });
  expect(created.FunctionUrl).toMatch(new RegExp(`^${aws.url}/lambda-url/[a-z0-9]{32}/$`));
  const updated = await aws.lambda.send(
    new lambda.UpdateFunctionUrlConfigCommand({ FunctionName, InvokeMode: "RESPONSE_STREAM" }),
  );
  expect(updated).toMatchObject({ AuthType: "AWS_IAM", InvokeMode: "RESPONSE_STREAM", Cors });
  const cleared = await aws.lambda.send(new lambda.UpdateFunctionUrlConfigCommand({ FunctionName, Cors: {} }));
  expect(cleared.Cors).toBeUndefined();
  await publish(aws, FunctionName);
  await aws.lambda.send(new lambda.CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
  await createUrl({ Qualifier: "live" });
  const list = new lambda.ListFunctionUrlConfigsCommand({ FunctionName });
  const { FunctionUrlConfigs } = await aws.lambda.send(list);
  expect(FunctionUrlConfigs?.map((one) => one.FunctionArn)).toEqual([ARN, `${ARN}:live`]);
  const got = await aws.lambda.send(new lambda.GetFunctionUrlConfigCommand({ FunctionName }));
  expect(got).toMatchObject({ FunctionUrl: created.FunctionUrl, CreationTime: created.CreationTime });
  await aws.lambda.send(new lambda.DeleteFunctionUrlConfigCommand({ FunctionName }));
  await aws.lambda.send(new lambda.DeleteAliasCommand({ FunctionName, Name: "live" }));
  expect((await aws.lambda.send(list)).FunctionUrlConfigs).toEqual([]);
  expect((await fetch(created.FunctionUrl ?? "")).status).toBe(403);
});

test("a public URL needs both statements of the policy", async () => {
  const url = await createUrl();
  const ask = async () => {
    const response = await fetch(url);
    return [response.status, response.headers.get("x-amzn-errortype"), await response.json()];
  };
  const forbidden = [403, "AccessDeniedException", FORBIDDEN];
  expect(await ask()).toEqual(forbidden);
  await makePublic(aws, FunctionName);
  expect((await ask())[0]).toBe(200);
  const remove = (StatementId: string) =>
    aws.lambda.send(new lambda.RemovePermissionCommand({ FunctionName, StatementId }));
  await remove("url-invoke");
  expect(await ask()).toEqual(forbidden);
  // A grant to a service, and one for signed callers, are none to everybody.
  const grant = (input: Partial<lambda.AddPermissionCommandInput>) =>
    aws.lambda.send(
      new lambda.AddPermissionCommand({
        FunctionName,
        StatementId: "more",
        Action: "lambda:InvokeFunction",
        Principal: "*",
        ...input,
      }),
    );
  await grant({ Principal: "apigateway.amazonaws.com" });
  expect(await ask()).toEqual(forbidden);
  await grant({ StatementId: "any" });
  expect((await ask())[0]).toBe(200);
  await remove("url");
  await grant({ StatementId: "signed", Action: "lambda:InvokeFunctionUrl", FunctionUrlAuthType: "AWS_IAM" });
  expect(await ask()).toEqual(forbidden);
});

test("the function gets an event of payload format 2.0", async () => {
  const url = await publicUrl();
  const response = await fetch(`${url}a%20b/c?x=1&x=2`, {
    method: "POST",
    headers: { "content-type": "application/json", cookie: "a=1; b=2" },
    body: '{"prompt":"hi"}',
  });
  const id = new URL(url).pathname.split("/")[2];
  expect(await response.json()).toMatchObject({
    version: "2.0",
    routeKey: "$default",
    rawPath: "/a%20b/c",
    rawQueryString: "x=1&x=2",
    cookies: ["a=1", "b=2"],
    headers: { "content-type": "application/json" },
    queryStringParameters: { x: "1,2" },
    requestContext: {
      accountId: "anonymous",
      apiId: id,
      domainName: `${id}.lambda-url.us-east-1.on.aws`,
      http: { method: "POST", path: "/a%20b/c" },
      requestId: response.headers.get("x-amzn-requestid"),
      stage: "$default",
    },
    body: '{"prompt":"hi"}',
    isBase64Encoded: false,
  });
});

test("a URL of AWS_IAM wants a signature for lambda, and no policy for its own account", async () => {
  const url = await createUrl({ AuthType: "AWS_IAM" });
  const credentials = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
  const signed = async (changes = {}) => {
    const wanted = { url, credentials, service: "lambda", region: "us-east-1", ...changes };
    const { host: _host, ...headers } = await sign(wanted);
    const response = await fetch(url, { headers });
    const body: unknown = await response.json();
    return { status: response.status, body };
  };
  const forbidden = { status: 403, body: FORBIDDEN };
  expect(await signed()).toMatchObject({
    status: 200,
    body: {
      requestContext: {
        accountId: "000000000000",
        authorizer: { iam: { accessKey: LOCAL_ACCESS_KEY_ID, userArn: "arn:aws:iam::000000000000:root" } },
      },
    },
  });
  expect(await signed({ service: "execute-api" })).toEqual(forbidden);
  expect(await signed({ region: "eu-west-1" })).toEqual(forbidden);
  expect(await signed({ credentials: { ...credentials, secretAccessKey: "wrong" } })).toEqual(forbidden);
  expect((await fetch(url)).status).toBe(403);
  // A URL without authorization does not care for a signature.
  await aws.lambda.send(new lambda.UpdateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE" }));
  await makePublic(aws, FunctionName);
  expect((await signed({ service: "execute-api" })).status).toBe(200);
});

test("a URL of an alias runs its version, with the policy of the alias", async () => {
  await say(aws, FunctionName, "one");
  await publish(aws, FunctionName);
  await say(aws, FunctionName, "two");
  await aws.lambda.send(new lambda.CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
  const url = await createUrl({ Qualifier: "live" });
  await makePublic(aws, FunctionName);
  expect((await fetch(url)).status).toBe(403);
  await makePublic(aws, FunctionName, "live");
  expect(await (await fetch(url)).json()).toMatchObject({ say: "one" });
});

test("what the function answers becomes the response", async () => {
  const url = await publicUrl();
  const full = await answer(url, {
    statusCode: 201,
    headers: { "X-Mine": "1" },
    cookies: ["a=1", "b=2"],
    body: Buffer.from("hi").toString("base64"),
    isBase64Encoded: true,
  });
  expect([full.status, full.headers.get("x-mine"), full.headers.getSetCookie(), await full.text()]).toEqual([
    201,
    "1",
    ["a=1", "b=2"],
    "hi",
  ]);
  expect(full.headers.get("content-type")).toBe("application/json");
  const text = await answer(url, "Hello, world!");
  expect([text.status, text.headers.get("content-length"), await text.text()]).toEqual([200, "15", '"Hello, world!"']);
  const failed = await fetch(`${url}throw`);
  expect([failed.status, await failed.text()]).toEqual([502, "Internal Server Error"]);
  expect((await answer(url, { statusCode: "many" })).status).toBe(502);
  const large = await fetch(url, { method: "POST", body: "x".repeat(6_291_456) });
  expect([large.status, large.headers.get("x-amzn-errortype")]).toEqual([413, "RequestEntityTooLargeException"]);
});

test("a configured CORS answers preflights itself and overrules the function", async () => {
  const origin = "https://a.example";
  const url = await createUrl({
    AuthType: "AWS_IAM",
    Cors: {
      AllowOrigins: [origin],
      AllowMethods: ["POST"],
      AllowHeaders: ["x-a", "x-b"],
      ExposeHeaders: ["x-c"],
      AllowCredentials: true,
      MaxAge: 60,
    },
  });
  const preflight = (from: string) =>
    fetch(url, { method: "OPTIONS", headers: { origin: from, "access-control-request-method": "POST" } });
  const allowed = await preflight(origin);
  expect(allowed.status).toBe(200);
  expect(Object.fromEntries(allowed.headers)).toMatchObject({
    "access-control-allow-origin": origin,
    "access-control-allow-methods": "POST",
    "access-control-allow-headers": "x-a,x-b",
    "access-control-allow-credentials": "true",
    "access-control-max-age": "60",
  });
  expect((await preflight("https://b.example")).headers.get("access-control-allow-origin")).toBeNull();
  await aws.lambda.send(
    new lambda.UpdateFunctionUrlConfigCommand({
      FunctionName,
      AuthType: "NONE",
      Cors: { AllowOrigins: ["*"], ExposeHeaders: ["x-c"] },
    }),
  );
  await makePublic(aws, FunctionName);
  const response = await fetch(`${url}answer`, {
    method: "POST",
    headers: { origin: "https://b.example", "content-type": "application/json" },
    body: JSON.stringify({ statusCode: 200, headers: { "access-control-allow-origin": "https://c.example" } }),
  });
  expect(response.headers.get("access-control-allow-origin")).toBe("*");
  expect(response.headers.get("access-control-expose-headers")).toBe("x-c");
});

test("a URL in stream mode hands on what a function that does not stream answers, and its failure", async () => {
  const url = await publicUrl({ InvokeMode: "RESPONSE_STREAM" });
  const response = await answer(url, { statusCode: 201, body: "x" });
  expect([response.status, await response.json()]).toEqual([200, { statusCode: 201, body: "x" }]);
  const failed = await fetch(`${url}throw`);
  expect([failed.status, await failed.text()]).toEqual([502, "Internal Server Error"]);
});

test("an empty CORS leaves the function's own headers and preflights to it", async () => {
  const url = await publicUrl({ Cors: { AllowMethods: [] } });
  const headers = { "access-control-allow-origin": "https://own.example" };
  const got = await answer(url, { statusCode: 200, headers });
  expect(got.headers.get("access-control-allow-origin")).toBe("https://own.example");
  const preflight = { origin: "https://a.example", "access-control-request-method": "GET" };
  const asked = await fetch(url, { method: "OPTIONS", headers: preflight });
  expect(await asked.json()).toMatchObject({ requestContext: { http: { method: "OPTIONS" } } });
});
