// Who may call: signatures are verified with the account's own key.
import { ApiGatewayV2Client, GetApisCommand } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient, DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, ListRolesCommand } from "@aws-sdk/client-iam";
import { LambdaClient, ListFunctionsCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { type LocalAws, startLocalAws } from "../../src/local/server.ts";
import { refusal } from "./control-plane-support.ts";
import { sign } from "./signing-fixture.ts";

let strict: LocalAws;
let lenient: LocalAws;
beforeAll(async () => {
  strict = await startLocalAws({ port: 0, knownKeysOnly: true });
  lenient = await startLocalAws({ port: 0 });
});
afterAll(() => Promise.all([strict.close(), lenient.close()]));

/** One call to each service, signed with the given key. */
function calls(aws: LocalAws, accessKeyId: string, secretAccessKey: string) {
  const credentials = { accessKeyId, secretAccessKey };
  const config = { endpoint: aws.url, region: "eu-west-1", maxAttempts: 1, credentials };
  return {
    iam: () => new IAMClient(config).send(new ListRolesCommand({})),
    lambda: () => new LambdaClient(config).send(new ListFunctionsCommand({})),
    apigateway: () => new ApiGatewayV2Client(config).send(new GetApisCommand({})),
    logs: () => new CloudWatchLogsClient(config).send(new DescribeLogGroupsCommand({})),
  };
}

const SERVICES = ["iam", "lambda", "apigateway", "logs"] as const;

describe.each(SERVICES)("%s", (service) => {
  const query = service === "iam";

  test("takes the account's own key", async () => {
    await calls(strict, LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY)[service]();
  });

  test("refuses a wrong secret", async () => {
    for (const aws of [strict, lenient]) {
      expect(await refusal(calls(aws, LOCAL_ACCESS_KEY_ID, "wrong")[service]())).toMatchObject({
        name: query ? "SignatureDoesNotMatch" : "InvalidSignatureException",
        status: 403,
      });
    }
  });

  test("refuses a key it does not know when only known ones may call", async () => {
    const call = (aws: LocalAws) => calls(aws, "AKIAOTHER", "any")[service]();
    await call(lenient);
    expect(await refusal(call(strict))).toMatchObject({
      name: query ? "InvalidClientTokenId" : "UnrecognizedClientException",
      status: 403,
      message: "The security token included in the request is invalid.",
    });
  });
});

test("a request signed more than five minutes ago is refused", async () => {
  const url = `${strict.url}/2015-03-31/functions`;
  const credentials = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
  const call = async (ageMs: number) => {
    const headers = await sign({ url, service: "lambda", date: new Date(Date.now() - ageMs), credentials });
    return fetch(url, { headers });
  };
  expect((await call(240_000)).status).toBe(200);
  const refused = await call(301_000);
  expect(refused.status).toBe(403);
  expect(refused.headers.get("x-amzn-errortype")).toBe("InvalidSignatureException");
  expect(await refused.text()).toContain("Signature expired");
});

test.each([
  ["mars-1", 403, "Credential should be scoped to a valid region."],
  ["cn-north-1", 501, "the partition aws-cn of cn-north-1"],
  ["us-gov-west-1", 501, "the partition aws-us-gov of us-gov-west-1"],
])("the Region %s is refused", async (region, status, message) => {
  const credentials = { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY };
  const client = new LambdaClient({ endpoint: strict.url, region, maxAttempts: 1, credentials });
  expect(await refusal(client.send(new ListFunctionsCommand({})))).toMatchObject({
    status,
    message: expect.stringContaining(message),
  });
});

test("calls that are refused at the door are in the log of calls", async () => {
  await fetch(`${strict.url}/_llm-gw/calls`, { method: "DELETE" });
  await refusal(calls(strict, LOCAL_ACCESS_KEY_ID, "wrong").lambda());
  await fetch(`${strict.url}/2015-03-31/functions`);
  const logged = await (await fetch(`${strict.url}/_llm-gw/calls`)).json();
  const operation = "GET /2015-03-31/functions";
  expect(logged).toMatchObject([
    { service: "lambda", operation: expect.stringContaining(operation), status: 403 },
    { service: "lambda", operation, status: 403 },
  ]);
});
