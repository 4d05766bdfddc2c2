import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createFunction,
  createRole,
  ECHO,
  type Refusal,
  refusal,
  startAccount,
  type TestAccount,
  trust,
} from "./control-plane-support.ts";

/** One account for all: what is refused changes nothing. */
let aws: TestAccount;
let roleArn: string;

beforeAll(async () => {
  aws = await startAccount();
  roleArn = await createRole(aws);
  await createRole(aws, "other-role", trust("ec2.amazonaws.com"));
  await createFunction(aws, "f", { Role: roleArn });
  await aws.lambda.send(new lambda.AddPermissionCommand(permission));
});
afterAll(async () => {
  await aws.close();
});

const permission = {
  FunctionName: "f",
  StatementId: "s",
  Action: "lambda:InvokeFunction",
  Principal: "apigateway.amazonaws.com",
};

/** A small zip whose directory says its one file has so many bytes: nobody has to pack 250 MB. */
function zipClaiming(bytes: number): Buffer {
  const zip = Buffer.from(ECHO);
  const entry = zip.indexOf("PK\u0001\u0002");
  zip.writeUInt32LE(bytes, entry + 24);
  return zip;
}

function create(input: Partial<lambda.CreateFunctionCommandInput>) {
  return createFunction(aws, "new", { Role: roleArn, ...input });
}

function configure(input: Partial<lambda.UpdateFunctionConfigurationCommandInput>) {
  return aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName: "f", ...input }));
}

const LAMBDA: Record<string, Refusal> = {
  "a function that exists": [
    "ResourceConflictException",
    409,
    "Function already exist: f",
    () => createFunction(aws, "f", { Role: roleArn }),
  ],
  "a role nobody made": [
    "InvalidParameterValueException",
    400,
    "The role defined for the function cannot be assumed by Lambda.",
    () => create({ Role: "arn:aws:iam::000000000000:role/nobody" }),
  ],
  "a role that trusts another service": [
    "InvalidParameterValueException",
    400,
    "The role defined for the function cannot be assumed by Lambda.",
    () => create({ Role: "arn:aws:iam::000000000000:role/other-role" }),
  ],
  "a package that is no zip": [
    "InvalidParameterValueException",
    400,
    "Could not unzip uploaded file. Please check your file, then try to upload again.",
    () => create({ Code: { ZipFile: Buffer.from("no zip") } }),
  ],
  "a package above 250 MB unpacked": [
    "InvalidParameterValueException",
    400,
    "Unzipped size must be smaller than 262144000 bytes",
    () => create({ Code: { ZipFile: zipClaiming(262_144_000) } }),
  ],
  "a package above 50 MB": [
    "RequestEntityTooLargeException",
    413,
    "Zipped size must be smaller than 52428800 bytes",
    () => create({ Code: { ZipFile: Buffer.alloc(52_428_801) } }),
  ],
  "a request above 70 MB": [
    "RequestEntityTooLargeException",
    413,
    "Request must be smaller than 70167211 bytes for the CreateFunction operation",
    () => create({ Code: { ZipFile: Buffer.alloc(52_700_000) } }),
  ],
  "a name above 64 characters": [
    "ValidationException",
    400,
    "Member must have length less than or equal to 64",
    () => createFunction(aws, "x".repeat(65), { Role: roleArn }),
  ],
  "a handler with white space": [
    "ValidationException",
    400,
    "at 'handler' failed to satisfy constraint: Member must satisfy regular expression pattern: \\S+",
    () => configure({ Handler: "a b" }),
  ],
  "a timeout above 900 s": [
    "ValidationException",
    400,
    "Value '901' at 'timeout' failed to satisfy constraint: Member must have value less than or equal to 900",
    () => configure({ Timeout: 901 }),
  ],
  "too little memory": [
    "ValidationException",
    400,
    "Member must have value greater than or equal to 128",
    () => configure({ MemorySize: 127 }),
  ],
  "a retired runtime": [
    "InvalidParameterValueException",
    400,
    "The runtime parameter of python3.7 is no longer supported",
    () => configure({ Runtime: "python3.7" }),
  ],
  "a reserved environment variable": [
    "InvalidParameterValueException",
    400,
    "Reserved keys used in this request: AWS_REGION",
    () => configure({ Environment: { Variables: { AWS_REGION: "x" } } }),
  ],
  "an environment name of one letter": [
    "ValidationException",
    400,
    "Map keys must satisfy constraint",
    () => configure({ Environment: { Variables: { A: "x" } } }),
  ],
  "an environment above 4 KB": [
    "InvalidParameterValueException",
    400,
    'exceeded the 4KB limit. String measured: {"AB":"xxx',
    () => configure({ Environment: { Variables: { AB: "x".repeat(4096) } } }),
  ],
  "an old revision": [
    "PreconditionFailedException",
    412,
    "The Revision Id provided does not match the latest Revision Id.",
    () => configure({ RevisionId: "old" }),
  ],
  "a statement id that exists": [
    "ResourceConflictException",
    409,
    "The statement id (s) provided already exists.",
    () => aws.lambda.send(new lambda.AddPermissionCommand(permission)),
  ],
  "a statement id with a dot": [
    "ValidationException",
    400,
    "Value 'a.b' at 'statementId'",
    () => aws.lambda.send(new lambda.AddPermissionCommand({ ...permission, StatementId: "a.b" })),
  ],
  "a principal that is none": [
    "InvalidParameterValueException",
    400,
    "The provided principal was invalid.",
    () => aws.lambda.send(new lambda.AddPermissionCommand({ ...permission, StatementId: "t", Principal: "me" })),
  ],
  "removing a statement that is not there": [
    "ResourceNotFoundException",
    404,
    "Statement t is not found in resource policy.",
    () => aws.lambda.send(new lambda.RemovePermissionCommand({ FunctionName: "f", StatementId: "t" })),
  ],
  "the policy of no function": [
    "ResourceNotFoundException",
    404,
    "The resource you requested does not exist.",
    () => aws.lambda.send(new lambda.GetPolicyCommand({ FunctionName: "nobody" })),
  ],
  "a function of another Region": [
    "ResourceNotFoundException",
    404,
    "Functions from 'eu-west-1' are not reachable in this region ('us-east-1')",
    () =>
      aws.lambda.send(
        new lambda.GetFunctionCommand({ FunctionName: "arn:aws:lambda:eu-west-1:000000000000:function:f" }),
      ),
  ],
  "a payload above 6 MB": [
    "RequestTooLargeException",
    413,
    "Request must be smaller than 6291456 bytes for the InvokeFunction operation",
    () => aws.lambda.send(new lambda.InvokeCommand({ FunctionName: "f", Payload: Buffer.alloc(6_291_457) })),
  ],
  "a payload that is not JSON": [
    "InvalidRequestContentException",
    400,
    "Could not parse request body into json",
    () => aws.lambda.send(new lambda.InvokeCommand({ FunctionName: "f", Payload: Buffer.from("{") })),
  ],
  "a member the local AWS does not have": [
    "NotImplemented",
    501,
    "The local AWS does not implement the input member DurableConfig of Lambda.",
    () => configure({ DurableConfig: { RetentionPeriodInDays: 1 } }),
  ],
};

test.each(Object.entries(LAMBDA))("Lambda refuses %s", async (_case, [name, status, message, call]) => {
  const refused = await refusal(call());
  expect(refused).toMatchObject({ name, status });
  expect(refused.message).toContain(message);
});
