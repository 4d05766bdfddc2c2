// What arrives malformed, or where it does not belong, as the wires of the services refuse it.
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type LocalAws, startLocalAws } from "../../src/local/server.ts";

let aws: LocalAws;
const broken: string[] = [];
beforeAll(async () => {
  aws = await startLocalAws({ port: 0, log: (line) => line.includes("in the local AWS itself") && broken.push(line) });
});
afterAll(async () => {
  await aws.close();
  expect(broken).toEqual([]);
});

interface Sent {
  readonly method?: string;
  readonly path?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** A call of a service, signed with a key the account does not know; the answer's status, code and text. */
async function call(service: string, { path = "/", headers = {}, ...init }: Sent) {
  const signed = ["host", ...Object.keys(headers).filter((name) => name.startsWith("x-amz-")), "x-amz-date"].join(";");
  const authorization = `AWS4-HMAC-SHA256 Credential=AKIATEST/20260101/eu-west-1/${service}/aws4_request, SignedHeaders=${signed}, Signature=${"0".repeat(64)}`;
  const answer = await fetch(`${aws.url}${path}`, {
    method: "POST",
    ...init,
    headers: { ...headers, "x-amz-date": "20260101T000000Z", authorization },
  });
  const text = await answer.text();
  const code = answer.headers.get("x-amzn-errortype") ?? /"__type":"(\w+)"|<Code>(\w+)/.exec(text)?.slice(1).join("");
  return { status: answer.status, code, text };
}

const lambda = (body: string, path = "/2015-03-31/functions", method = "POST") =>
  call("lambda", { method, path, body });
const api = (body: string, path = "/v2/apis") => call("apigateway", { path, body });
const logs = (body: string) => call("logs", { body, headers: { "x-amz-target": "Logs_20140328.CreateLogGroup" } });
const iam = (body: string) => call("iam", { body, headers: { "content-type": "application/x-www-form-urlencoded" } });

const deep = `${'{"a":'.repeat(20_000)}1${"}".repeat(20_000)}`;

describe("members inside each other without end", () => {
  test.each([
    ["Lambda", () => lambda(deep), "SerializationException"],
    ["API Gateway", () => api(deep), "SerializationException"],
    [
      "CloudWatch Logs",
      () => logs(`{"logGroupName":${"[".repeat(20_000)}${"]".repeat(20_000)}}`),
      "SerializationException",
    ],
    ["IAM", () => iam(`Action=GetRole&Version=2010-05-08&${"a.".repeat(20_000)}a=1`), "MalformedInput"],
  ])("are refused by %s", async (_service, send, code) => {
    expect(await send()).toMatchObject({ status: 400, code });
  });
});

describe("values of another type", () => {
  test.each([
    ["Lambda", () => lambda('{"FunctionName":"f","Timeout":"x"}'), "SerializationException", "Timeout"],
    ["API Gateway", () => api('{"name":5,"protocolType":"HTTP"}'), "BadRequestException", "name"],
    ["CloudWatch Logs", () => logs('{"logGroupName":{}}'), "SerializationException", "logGroupName"],
    ["IAM", () => iam("Action=GetRole&Version=2010-05-08&RoleName.a=1"), "MalformedInput", "RoleName"],
  ])("are refused by %s in plain words", async (_service, send, code, member) => {
    const answer = await send();
    expect(answer).toMatchObject({ status: 400, code });
    expect(answer.text).toContain(`The member ${member} has the wrong type.`);
  });
});

describe("members where AWS does not look for them are refused", () => {
  test.each([
    ["a qualifier in a body", () => lambda('{"StatementId":"s","Qualifier":"1"}', "/2015-03-31/functions/f/policy")],
    ["a runtime in a query", () => lambda("{}", "/2015-03-31/functions?Runtime=nodejs20.x")],
    ["a name in body and path", () => lambda('{"FunctionName":"g"}', "/2015-03-31/functions/f/configuration", "PUT")],
    ["a name in query and path", () => lambda("", "/2015-03-31/functions/f?FunctionName=g", "DELETE")],
    ["a member in the body of a DELETE", () => lambda('{"Qualifier":"1"}', "/2015-03-31/functions/f", "DELETE")],
    ["a tag called __proto__", () => api('{"name":"a","protocolType":"HTTP","tags":{"__proto__":"x"}}')],
    ["a query member called __proto__", () => lambda("", "/2015-03-31/functions/f?__proto__=g", "DELETE")],
  ])("%s", async (_what, send) => {
    expect(await send()).toMatchObject({ status: 501, code: "NotImplemented" });
  });
});

test("a number in a query is measured by its value", async () => {
  const answer = await call("apigateway", { method: "GET", path: "/v2/apis?maxResults=1000" });
  expect(answer.text).toContain(
    "Value '1000' at 'maxResults' failed to satisfy constraint: Member must have value less",
  );
});
