import * as lambda from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createFunction, startAccount, type TestAccount } from "./control-plane-support.ts";
import { apiFor, makePublic, publish, say, WHO } from "./lambda-fixture.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
  await createFunction(aws, "f", { Code: { ZipFile: WHO }, Environment: { Variables: { SAY: "one" } } });
});
afterEach(() => aws.close());

const FunctionName = "f";
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
const permit = (input: Partial<lambda.AddPermissionCommandInput> = {}) =>
  aws.lambda.send(
    new lambda.AddPermissionCommand({
      FunctionName,
      StatementId: "api",
      Action: "lambda:InvokeFunction",
      Principal: "apigateway.amazonaws.com",
      ...input,
    }),
  );

test("an API that calls an alias runs its version, with the policy of the alias", async () => {
  await publish(aws, "f");
  await say(aws, "f", "two");
  await aws.lambda.send(new lambda.CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1" }));
  const url = await apiFor(aws, `${ARN}:live`);
  await permit();
  expect((await fetch(url)).status).toBe(500);
  await permit({ Qualifier: "live" });
  const response = await fetch(url);
  expect(await response.json()).toMatchObject({ say: "one", version: "1", invokedFunctionArn: `${ARN}:live` });
});

test("what lets callers of the URL in does not let API Gateway in", async () => {
  const url = await apiFor(aws, ARN);
  await makePublic(aws, FunctionName);
  expect((await fetch(url)).status).toBe(500);
  await permit({ EventSourceToken: "token" });
  expect((await fetch(url)).status).toBe(500);
  await permit({ StatementId: "any", Principal: "*" });
  expect((await fetch(url)).status).toBe(200);
});
