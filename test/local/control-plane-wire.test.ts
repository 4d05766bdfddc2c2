import { request } from "node:http";
import { connect } from "node:net";
import { CreateApiCommand, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { GetRoleCommand, ListRolesCommand, ListUsersCommand } from "@aws-sdk/client-iam";
import { ListFunctionsCommand, ListLayersCommand } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { startLocalAws } from "../../src/local/server.ts";
import { createRole, refusal, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
});
afterEach(async () => {
  await aws.close();
});

const createApi = () => aws.api.send(new CreateApiCommand({ Name: "a", ProtocolType: "HTTP" }));
const apiCount = async () => (await aws.api.send(new GetApisCommand({}))).Items?.length;

test("the health endpoint says who is there", async () => {
  const { status, answer } = await aws.admin("GET", "health");
  expect([status, answer]).toEqual([200, { service: "llm-gw local AWS", pid: process.pid, version: 1 }]);
});

test("the call log names service, operation, status and whether the call changes something", async () => {
  await createRole(aws);
  await refusal(aws.iam.send(new GetRoleCommand({ RoleName: "nobody" })));
  await aws.lambda.send(new ListFunctionsCommand({}));
  const { answer } = await aws.admin("GET", "calls");
  expect(answer).toMatchObject([
    { n: 1, service: "iam", operation: "CreateRole", status: 200, mutating: true },
    { n: 2, service: "iam", operation: "GetRole", status: 404, mutating: false },
    { n: 3, service: "lambda", operation: "ListFunctions", status: 200, mutating: false },
  ]);
  await aws.admin("DELETE", "calls");
  expect((await aws.admin("GET", "calls")).answer).toEqual([]);
});

test("a connection dropped before the operation leaves nothing behind, dropped after it leaves the resource", async () => {
  await aws.admin("PUT", "faults", [{ operation: "CreateApi", nth: 1, effect: "before", kind: "drop" }]);
  expect((await refusal(createApi())).status).toBe(0);
  expect(await apiCount()).toBe(0);
  await aws.admin("PUT", "faults", [{ operation: "CreateApi", nth: 1, effect: "after", kind: "drop" }]);
  await refusal(createApi());
  expect(await apiCount()).toBe(1);
  const { answer } = await aws.admin("GET", "calls");
  expect(answer).toMatchObject([
    { operation: "CreateApi", status: 0, fault: "before drop" },
    { operation: "GetApis" },
    { operation: "CreateApi", status: 0, fault: "after drop" },
    { operation: "GetApis" },
  ]);
});

test("an error strikes the calls it is set for, in the words of the service", async () => {
  const error = { kind: "error", status: 409, code: "ConflictException", message: "Please try again later." };
  await aws.admin("PUT", "faults", [{ nth: 2, times: 2, effect: "before", ...error }]);
  await createApi();
  const refused = { name: "ConflictException", status: 409, message: "Please try again later." };
  expect(await refusal(createApi())).toEqual(refused);
  expect(await refusal(aws.api.send(new GetApisCommand({})))).toEqual(refused);
  expect(await apiCount()).toBe(1);
  await aws.admin("PUT", "faults", [
    { nth: 1, effect: "after", kind: "error", status: 400, code: "Throttling", message: "Rate exceeded" },
  ]);
  expect(await refusal(createRole(aws))).toEqual({ name: "Throttling", status: 400, message: "Rate exceeded" });
  expect((await aws.iam.send(new ListRolesCommand({}))).Roles).toHaveLength(1);
});

test("a delayed call and a slow account answer all the same", async () => {
  await aws.admin("PUT", "faults", [{ nth: 1, effect: "before", kind: "delay", ms: 1 }]);
  await aws.admin("PUT", "timing", { latencyMs: 1 });
  await createApi();
  expect(await apiCount()).toBe(1);
});

test("the admin endpoints refuse what they do not understand", async () => {
  const statuses = await Promise.all([
    aws.admin("PUT", "faults", { nth: 1 }),
    aws.admin("PUT", "faults", [{ nth: 0, effect: "before", kind: "drop" }]),
    aws.admin("PUT", "faults", [{ nth: 1, effect: "before", kind: "error" }]),
    aws.admin("PUT", "timing", { latency: 1 }),
    aws.admin("PUT", "timing"),
    aws.admin("GET", "nothing"),
    aws.admin("POST", "calls"),
  ]);
  expect(statuses.map(({ status }) => status)).toEqual([400, 400, 400, 400, 400, 404, 404]);
});

test("an unknown operation is a loud 501", async () => {
  expect(await refusal(aws.iam.send(new ListUsersCommand({})))).toEqual({
    name: "NotImplemented",
    status: 501,
    message: "The local AWS does not implement the operation ListUsers of iam.",
  });
  expect(await refusal(aws.lambda.send(new ListLayersCommand({})))).toEqual({
    name: "NotImplemented",
    status: 501,
    message: "The local AWS does not implement the operation ListLayers of lambda.",
  });
});

test("a request without a signature is refused as AWS refuses it", async () => {
  const unsigned = async (path: string, init: RequestInit) => {
    const response = await fetch(aws.url + path, init);
    return [response.status, response.headers.get("x-amzn-errortype"), await response.text()];
  };
  const [status, , xml] = await unsigned("/", { method: "POST", body: "Action=ListRoles&Version=2010-05-08" });
  expect(status).toBe(403);
  expect(xml).toContain(
    "<Code>MissingAuthenticationToken</Code><Message>Request is missing Authentication Token</Message>",
  );
  const [lambdaStatus, lambdaError] = await unsigned("/2015-03-31/functions", {});
  expect([lambdaStatus, lambdaError]).toEqual([403, "MissingAuthenticationTokenException"]);
  expect(await unsigned("/v2/apis", {})).toEqual([
    403,
    "MissingAuthenticationTokenException",
    '{"message":"Missing Authentication Token"}',
  ]);
  const [, , json] = await unsigned("/", {
    method: "POST",
    headers: { "x-amz-target": "Logs_20140328.X" },
    body: "{}",
  });
  expect(json).toBe('{"__type":"MissingAuthenticationTokenException","message":"Missing Authentication Token"}');
});

test("a page that reaches the port under another name is refused, whatever it asks for", async () => {
  for (const path of ["/_llm-gw/health", "/v2/apis", "/execute-api/abc/prod/x"]) {
    for (const host of ["evil.example", "127.0.0.1.evil.example:80", "169.254.169.254"]) {
      expect(await statusFor(path, host)).toBe(403);
    }
  }
  expect(await statusFor("/_llm-gw/health", "localhost:1234")).toBe(200);
});

function statusFor(path: string, host: string): Promise<number | undefined> {
  return new Promise((resolve, reject) => {
    const sent = request(aws.url + path, { headers: { host } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    });
    sent.on("error", reject);
    sent.end();
  });
}

const FORM = "application/x-www-form-urlencoded";

const MALFORMED: Record<string, [string, string, string, string, string?]> = {
  "JSON cut short for Lambda": ["lambda", "POST", "/2015-03-31/functions", "{"],
  "a list in place of an object for Lambda": ["lambda", "POST", "/2015-03-31/functions", "[]"],
  "null in place of an object for API Gateway": ["apigateway", "POST", "/v2/apis", "null"],
  "bytes that are no UTF-8 for API Gateway": ["apigateway", "POST", "/v2/apis", "\u0000\ufffd"],
  "a path that is not percent-encoded": ["apigateway", "GET", "/v2/apis/%zz", ""],
  "numbers where text belongs": ["apigateway", "POST", "/v2/apis", '{"name":1,"protocolType":{}}'],
  "a page size that is no number": ["apigateway", "GET", "/v2/apis?maxResults=many", ""],
  "JSON for IAM": ["iam", "POST", "/", "{}", "application/json"],
  "XML for IAM": ["iam", "POST", "/", "<a/>", "text/xml"],
  "a form without an action": ["iam", "POST", "/", "Version=2010-05-08", FORM],
  "a form without a version": ["iam", "POST", "/", "Action=ListRoles", FORM],
  "a form that contradicts itself": [
    "iam",
    "POST",
    "/",
    "Action=TagRole&Version=2010-05-08&Tags=x&Tags.member.1.Key=a",
    FORM,
  ],
  "a form with a prototype in it": [
    "iam",
    "POST",
    "/",
    "Action=GetRole&Version=2010-05-08&RoleName.__proto__.x=1",
    FORM,
  ],
  "a form with a list of nothing": [
    "iam",
    "POST",
    "/",
    "Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.x=1",
    FORM,
  ],
  "JSON cut short for Logs": ["logs", "POST", "/", "{", "application/x-amz-json-1.1"],
};

test.each(Object.entries(MALFORMED))(
  "%s is a 4xx and the server lives",
  async (_case, [service, method, path, body, type]) => {
    const response = await fetch(aws.url + path, {
      method,
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/${service}/aws4_request, SignedHeaders=host, Signature=0`,
        "content-type": type ?? "application/json",
        ...(service === "logs" && { "x-amz-target": "Logs_20140328.DescribeLogGroups" }),
      },
      ...(body !== "" && { body }),
    });
    expect(response.status).toBeGreaterThanOrEqual(400);
    expect(response.status).toBeLessThan(500);
    expect(await apiCount()).toBe(0);
  },
);

test("signatures for no service and for an unknown one are refused", async () => {
  const answer = async (authorization: string) => (await fetch(`${aws.url}/x`, { headers: { authorization } })).status;
  expect(await answer("Basic abc")).toBe(400);
  expect(await answer("AWS4-HMAC-SHA256 Credential=A/20260101/us-east-1/dynamodb/aws4_request")).toBe(501);
});

test("bytes that are not HTTP do not bring the server down", async () => {
  const { port } = new URL(aws.url);
  await new Promise<void>((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.end("\u0016\u0003\u0001 no http\r\n\r\n"));
    socket.on("error", () => undefined);
    socket.on("close", () => resolve());
    socket.resume();
  });
  expect(await apiCount()).toBe(0);
});

test("a port in use is Node's own error", async () => {
  await expect(startLocalAws({ port: Number(new URL(aws.url).port) })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
