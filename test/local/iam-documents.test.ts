// Policies: which of them IAM takes, and what those let a function's log do.
import { DescribeLogGroupsCommand } from "@aws-sdk/client-cloudwatch-logs";
import { AttachRolePolicyCommand, CreateRoleCommand, PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import {
  BASIC_EXECUTION,
  createFunction,
  createRole,
  refusal,
  startAccount,
  type TestAccount,
} from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
});
afterEach(() => aws.close());

const allow = { Effect: "Allow", Action: "s3:GetObject", Resource: "*" };
const trusting = { Effect: "Allow", Action: "sts:AssumeRole", Principal: { Service: "lambda.amazonaws.com" } };

describe("an inline policy is refused", () => {
  test.each([
    [
      "with two statements of one Sid",
      [
        { ...allow, Sid: "a" },
        { ...allow, Sid: "a" },
      ],
    ],
    ["with an action of no service", { ...allow, Action: "nocolon" }],
    ["with a resource that is no ARN", { ...allow, Resource: "notarn" }],
    ["with no actions", { ...allow, Action: [] }],
    ["with an element AWS has not", { ...allow, Efect: "Deny" }],
    ["with a Sid of other characters", { ...allow, Sid: "a-b" }],
  ])("%s", async (_what, Statement) => {
    await createRole(aws, "r");
    const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
    const put = new PutRolePolicyCommand({ RoleName: "r", PolicyName: "p", PolicyDocument });
    expect(await refusal(aws.iam.send(put))).toMatchObject({ name: "MalformedPolicyDocumentException", status: 400 });
  });
});

describe("a trust policy is refused", () => {
  test.each([
    ["that trusts nobody", {}],
    ["that trusts no service", { Service: [] }],
    ["that trusts a kind of its own", { constructor: "x" }],
    ["that trusts another", { __proto__: "x", toString: "y" }],
  ])("%s", async (_what, Principal) => {
    const AssumeRolePolicyDocument = JSON.stringify({ Statement: { ...trusting, Principal } });
    const create = new CreateRoleCommand({ RoleName: "r", AssumeRolePolicyDocument });
    expect(await refusal(aws.iam.send(create))).toMatchObject({
      name: "MalformedPolicyDocumentException",
      status: 400,
    });
  });
});

test("a managed policy of AWS's that is not known is named, and not said to be missing", async () => {
  await createRole(aws, "r");
  const PolicyArn = "arn:aws:iam::aws:policy/AdministratorAccess";
  expect(await refusal(aws.iam.send(new AttachRolePolicyCommand({ RoleName: "r", PolicyArn })))).toMatchObject({
    status: 501,
    message: expect.stringContaining(PolicyArn),
  });
});

describe("a function's log group comes into being", () => {
  const deny = (Action: unknown) => ({ Effect: "Deny", Action, Resource: "*" });

  test.each([
    ["with AWSLambdaBasicExecutionRole", [BASIC_EXECUTION], [], true],
    ["with an Allow of its own", [], { Effect: "Allow", Action: ["logs:Create*"], Resource: "*" }, true],
    ["not without an Allow", [], allow, false],
    ["not against a Deny", [BASIC_EXECUTION], deny("logs:CreateLogGroup"), false],
    ["not against a Deny of everything in Logs", [BASIC_EXECUTION], [deny(["LOGS:*"])], false],
  ])("%s", async (_what, managed, Statement, made) => {
    const Role = await createRole(aws, "r");
    for (const PolicyArn of managed) await aws.iam.send(new AttachRolePolicyCommand({ RoleName: "r", PolicyArn }));
    if ([Statement].flat().length > 0) {
      const PolicyDocument = JSON.stringify({ Version: "2012-10-17", Statement });
      await aws.iam.send(new PutRolePolicyCommand({ RoleName: "r", PolicyName: "p", PolicyDocument }));
    }
    await createFunction(aws, "f", { Role });
    await aws.lambda.send(new InvokeCommand({ FunctionName: "f" }));
    const { logGroups } = await aws.logs.send(new DescribeLogGroupsCommand({}));
    expect(logGroups?.map(({ logGroupName }) => logGroupName)).toEqual(made ? ["/aws/lambda/f"] : []);
  });
});
