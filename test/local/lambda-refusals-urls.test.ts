import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { createFunction, type Refusal, refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { publish } from "./lambda-fixture.ts";

/** One account for all: what is refused changes nothing. `f` has a URL and the version 1, `g` has neither. */
let aws: TestAccount;
const FunctionName = "f";
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
beforeAll(async () => {
  aws = await startAccount();
  await createFunction(aws, "f");
  await createFunction(aws, "g", { Role: "arn:aws:iam::000000000000:role/f-role" });
  await publish(aws, "f");
  await createUrl({});
});
afterAll(() => aws.close());

const createUrl = (input: Partial<lambda.CreateFunctionUrlConfigCommandInput>) =>
  aws.lambda.send(new lambda.CreateFunctionUrlConfigCommand({ FunctionName, AuthType: "NONE", ...input }));
const updateUrl = (input: Partial<lambda.UpdateFunctionUrlConfigCommandInput>) =>
  aws.lambda.send(new lambda.UpdateFunctionUrlConfigCommand({ FunctionName, ...input }));
const permit = (input: Partial<lambda.AddPermissionCommandInput>) =>
  aws.lambda.send(
    new lambda.AddPermissionCommand({
      FunctionName,
      StatementId: "s",
      Action: "lambda:InvokeFunction",
      Principal: "*",
      ...input,
    }),
  );

const INVALID = "InvalidParameterValueException";
const MISSING = "ResourceNotFoundException";
const QUALIFIER =
  "at 'qualifier' failed to satisfy constraint: Member must satisfy regular expression pattern: ((?!^\\d+$)^[0-9a-zA-Z-_]+$)";

const CASES: Record<string, Refusal> = {
  "a second URL": [
    "ResourceConflictException",
    409,
    `Failed to create function url config for [functionArn = ${ARN}]. Error message:  FunctionUrlConfig exists for this Lambda function`,
    () => createUrl({}),
  ],
  "a URL for a version": ["ValidationException", 400, `Value '1' ${QUALIFIER}`, () => createUrl({ Qualifier: "1" })],
  "a URL for a version in the name": [
    "ValidationException",
    400,
    "Value 'f:1' at 'functionName' failed to satisfy constraint",
    () => createUrl({ FunctionName: "f:1" }),
  ],
  "a URL for $LATEST": [
    "ValidationException",
    400,
    `Value '$LATEST' ${QUALIFIER}`,
    () => createUrl({ Qualifier: "$LATEST" }),
  ],
  "a URL for an alias nobody made": [MISSING, 404, "Function does not exist", () => createUrl({ Qualifier: "none" })],
  "a URL for a function nobody made": [
    MISSING,
    404,
    "Function does not exist",
    () => createUrl({ FunctionName: "nobody" }),
  ],
  "a URL without a way to authorize": [
    "ValidationException",
    400,
    "Value 'null' at 'authType' failed to satisfy constraint: Member must not be null",
    () => createUrl({ FunctionName: "g", AuthType: undefined }),
  ],
  "OPTIONS among the methods of a CORS": [
    "ValidationException",
    400,
    "Value 'OPTIONS' at 'cors.allowMethods.0' failed to satisfy constraint: Member must have length less than or equal to 6",
    () => updateUrl({ Cors: { AllowMethods: ["OPTIONS"] } }),
  ],
  "a CORS method that is none": [
    "ValidationException",
    400,
    "Value 'FOO' at 'cors.allowMethods.0' failed to satisfy constraint: Member must satisfy enum value set: [GET, PUT, HEAD, POST, PATCH, DELETE, *]",
    () => updateUrl({ Cors: { AllowMethods: ["FOO"] } }),
  ],
  "a CORS origin that is none": [
    INVALID,
    400,
    "Invalid format for origin not an origin",
    () => updateUrl({ Cors: { AllowOrigins: ["https://a.example", "not an origin"] } }),
  ],
  "a CORS with credentials for everybody": [
    INVALID,
    400,
    "allow-credentials is not supported if 'allow-origin' is *",
    () => updateUrl({ Cors: { AllowOrigins: ["*"], AllowCredentials: true } }),
  ],
  "a CORS header with a line break": [
    "ValidationException",
    400,
    "at 'cors.allowHeaders.0' failed to satisfy constraint",
    () => updateUrl({ Cors: { AllowHeaders: ["a\r\nx: y"] } }),
  ],
  "a CORS that is kept for more than a day": [
    "ValidationException",
    400,
    "Value '86401' at 'cors.maxAge' failed to satisfy constraint: Member must have value less than or equal to 86400",
    () => updateUrl({ Cors: { MaxAge: 86_401 } }),
  ],
  "reading a URL that is not there": [
    MISSING,
    404,
    "The resource you requested does not exist.",
    () => aws.lambda.send(new lambda.GetFunctionUrlConfigCommand({ FunctionName: "g" })),
  ],
  "changing a URL that is not there": [
    MISSING,
    404,
    "The resource you requested does not exist.",
    () => updateUrl({ FunctionName: "g" }),
  ],
  "deleting a URL that is not there": [
    MISSING,
    404,
    "The resource you requested does not exist.",
    () => aws.lambda.send(new lambda.DeleteFunctionUrlConfigCommand({ FunctionName: "g" })),
  ],
  "listing the URLs of no function": [
    MISSING,
    404,
    "Function does not exist",
    () => aws.lambda.send(new lambda.ListFunctionUrlConfigsCommand({ FunctionName: "nobody" })),
  ],
  "a policy for $LATEST": [
    INVALID,
    400,
    "We currently do not support adding policies for $LATEST.",
    () => permit({ FunctionName: "f:$LATEST" }),
  ],
  "a policy for an alias nobody made": [
    MISSING,
    404,
    `Cannot find alias arn: ${ARN}:none`,
    () => permit({ Qualifier: "none" }),
  ],
  "a policy for a version nobody published": [
    MISSING,
    404,
    `Function not found: ${ARN}:9`,
    () => permit({ Qualifier: "9" }),
  ],
  "a permission of another revision": [
    "PreconditionFailedException",
    412,
    "Call the GetPolicy API to retrieve the latest Revision Id",
    () => permit({ Qualifier: "1", RevisionId: "old" }),
  ],
  "an auth type for another action": [
    INVALID,
    400,
    "FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action",
    () => permit({ FunctionUrlAuthType: "NONE" }),
  ],
  "a URL condition for another action": [
    INVALID,
    400,
    "InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action",
    () => permit({ Action: "lambda:InvokeFunctionUrl", InvokedViaFunctionUrl: true }),
  ],
  "an organization that is none": [
    "ValidationException",
    400,
    "at 'principalOrgID' failed to satisfy constraint: Member must satisfy regular expression pattern: o-[a-z0-9]{10,32}",
    () => permit({ PrincipalOrgID: "organization-1" }),
  ],
  "tags on a version": [
    "ValidationException",
    400,
    "at 'resource' failed to satisfy constraint",
    () => aws.lambda.send(new lambda.ListTagsCommand({ Resource: `${ARN}:1` })),
  ],
};

test.each(Object.entries(CASES))("Lambda refuses %s", async (_case, [name, status, message, call]) => {
  const refused = await refusal(call());
  expect(refused).toMatchObject({ name, status });
  expect(refused.message).toContain(message);
});
