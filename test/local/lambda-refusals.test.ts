import * as lambda from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  createFunction,
  ECHO,
  type Refusal,
  refusal,
  startAccount,
  type TestAccount,
} from "./control-plane-support.ts";
import { invoke, publish, say } from "./lambda-fixture.ts";

/** One account for all: what is refused changes nothing. `f` has the versions 1 and 2 and the alias `live`. */
let aws: TestAccount;
const FunctionName = "f";
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
const Role = "arn:aws:iam::000000000000:role/f-role";
beforeAll(async () => {
  aws = await startAccount();
  await createFunction(aws, "f", { Publish: true });
  await say(aws, "f", "two");
  await publish(aws, "f");
  await alias({ Name: "live", FunctionVersion: "2", RoutingConfig: { AdditionalVersionWeights: { 1: 0.5 } } });
});
afterAll(() => aws.close());

const alias = (input: Partial<lambda.CreateAliasCommandInput>) =>
  aws.lambda.send(new lambda.CreateAliasCommand({ FunctionName, Name: "new", FunctionVersion: "1", ...input }));
const routed = (AdditionalVersionWeights: Record<string, number>, FunctionVersion = "1") =>
  alias({ FunctionVersion, RoutingConfig: { AdditionalVersionWeights } });
const moveAlias = (input: Partial<lambda.UpdateAliasCommandInput>) =>
  aws.lambda.send(new lambda.UpdateAliasCommand({ FunctionName, Name: "live", ...input }));
const configuration = (input: Partial<lambda.GetFunctionConfigurationCommandInput>) =>
  aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName, ...input }));
const remove = (Qualifier: string) => aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName, Qualifier }));
const updateCode = (input: Partial<lambda.UpdateFunctionCodeCommandInput>) =>
  aws.lambda.send(new lambda.UpdateFunctionCodeCommand({ FunctionName, ...input }));
const create = (input: Partial<lambda.CreateFunctionCommandInput>) => createFunction(aws, "new", { Role, ...input });
const configure = (input: Partial<lambda.UpdateFunctionConfigurationCommandInput>) =>
  aws.lambda.send(new lambda.UpdateFunctionConfigurationCommand({ FunctionName, ...input }));
const reserve = (ReservedConcurrentExecutions: number, name = FunctionName) =>
  aws.lambda.send(new lambda.PutFunctionConcurrencyCommand({ FunctionName: name, ReservedConcurrentExecutions }));
const invocation = (input: Partial<lambda.InvokeCommandInput>) =>
  aws.lambda.send(new lambda.InvokeCommand({ FunctionName, ...input }));

const INVALID = "InvalidParameterValueException";
const MISSING = "ResourceNotFoundException";
const STALE = "The Revision Id provided does not match the latest Revision Id.";
const unsupported = (member: string) =>
  `The local AWS does not implement the input member ${member} of Lambda with this value.`;

const CASES: Record<string, Refusal> = {
  "publishing other code than expected": [
    INVALID,
    400,
    "CodeSHA256 (abc) is different from current CodeSHA256 in $LATEST",
    () => publish(aws, "f", { CodeSha256: "abc" }),
  ],
  "publishing another revision than expected": [
    "PreconditionFailedException",
    412,
    STALE,
    () => publish(aws, "f", { RevisionId: "old" }),
  ],
  "publishing a function nobody made": [
    MISSING,
    404,
    "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody",
    () => publish(aws, "nobody"),
  ],
  "a version nobody published": [MISSING, 404, `Function not found: ${ARN}:9`, () => configuration({ Qualifier: "9" })],
  "an alias nobody made": [
    MISSING,
    404,
    `Function not found: ${ARN}:none`,
    () => configuration({ FunctionName: "f:none" }),
  ],
  "two qualifiers that differ": [
    INVALID,
    400,
    "The derived qualifier from the function name does not match the specified qualifier.",
    () => configuration({ FunctionName: "f:1", Qualifier: "2" }),
  ],
  "deleting $LATEST alone": [
    INVALID,
    400,
    "$LATEST version cannot be deleted without deleting the function.",
    () => remove("$LATEST"),
  ],
  "deleting a version an alias points to": [
    "ResourceConflictException",
    409,
    "Unable to delete version because the following aliases reference it: [live]",
    () => remove("2"),
  ],
  "deleting a version an alias gives a share to": [
    "ResourceConflictException",
    409,
    "Unable to delete version because the following aliases reference it: [live]",
    () => remove("1"),
  ],
  "deleting a version that does not exist": [MISSING, 404, `Function not found: ${ARN}:9`, () => remove("9")],
  "deleting an alias as if it were a version": [
    INVALID,
    400,
    "Deletion of aliases is not currently supported.",
    () => remove("live"),
  ],
  "an alias with a number for a name": [
    "ValidationException",
    400,
    "Value '2024' at 'name' failed to satisfy constraint: Member must satisfy regular expression pattern: (?!^[0-9]+$)([a-zA-Z0-9-_]+)",
    () => alias({ Name: "2024" }),
  ],
  "an alias that exists": [
    "ResourceConflictException",
    409,
    `Alias already exists: ${ARN}:live`,
    () => alias({ Name: "live" }),
  ],
  "an alias of an unknown version": [
    MISSING,
    404,
    `Function not found: ${ARN}:9`,
    () => alias({ FunctionVersion: "9" }),
  ],
  "an alias of an alias": [
    "ValidationException",
    400,
    "Value 'live' at 'functionVersion' failed to satisfy constraint",
    () => alias({ FunctionVersion: "live" }),
  ],
  "an alias moved to an unknown version": [
    MISSING,
    404,
    `Function not found: ${ARN}:9`,
    () => moveAlias({ FunctionVersion: "9" }),
  ],
  "an alias moved by an old revision": [
    "PreconditionFailedException",
    412,
    STALE,
    () => moveAlias({ RevisionId: "old" }),
  ],
  "an alias moved onto its second version": [
    INVALID,
    400,
    "Invalid function version 1. Function version 1 is already included in routing configuration.",
    () => moveAlias({ FunctionVersion: "1" }),
  ],
  "reading an alias nobody made": [
    MISSING,
    404,
    `Cannot find alias arn: ${ARN}:none`,
    () => aws.lambda.send(new lambda.GetAliasCommand({ FunctionName, Name: "none" })),
  ],
  "weights for two more versions": [
    INVALID,
    400,
    "Number of items in AdditionalVersionWeights cannot be greater than 1",
    () => routed({ 1: 0.5, 2: 0.5 }),
  ],
  "a weight above 1": [
    "ValidationException",
    400,
    "Value '{2=2.0}' at 'routingConfig.additionalVersionWeights' failed to satisfy constraint: Map value must satisfy constraint",
    () => routed({ 2: 2 }),
  ],
  "a weight for the version the alias has": [
    INVALID,
    400,
    "Function version 1 is already included in routing configuration.",
    () => routed({ 1: 0.5 }),
  ],
  "a weight for $LATEST": [
    "ValidationException",
    400,
    "Map keys must satisfy constraint: [Member must have length less than or equal to 1024",
    () => routed({ $LATEST: 0.5 }),
  ],
  "a weight beside $LATEST": [
    INVALID,
    400,
    "$LATEST is not supported for an alias pointing to more than 1 version",
    () => routed({ 1: 0.5 }, "$LATEST"),
  ],
  "a weight for an unknown version": [MISSING, 404, `Function not found: ${ARN}:9`, () => routed({ 9: 0.5 })],
  "a reservation that leaves less than 100": [
    INVALID,
    400,
    "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [100].",
    () => reserve(901),
  ],
  "a negative reservation": [
    "ValidationException",
    400,
    "Value '-1' at 'reservedConcurrentExecutions' failed to satisfy constraint: Member must have value greater than or equal to 0",
    () => reserve(-1),
  ],
  "a reservation for a version": [MISSING, 404, `Function not found: ${ARN}:1`, () => reserve(1, "f:1")],
  "invoking a function nobody made": [
    MISSING,
    404,
    "Function not found: arn:aws:lambda:us-east-1:000000000000:function:nobody:$LATEST",
    () => invoke(aws, "nobody"),
  ],
  "a client context": [
    "NotImplemented",
    501,
    "The local AWS does not implement the input member ClientContext of Lambda.",
    () => invocation({ ClientContext: "e30=" }),
  ],
  "a durable execution": [
    "NotImplemented",
    501,
    "The local AWS does not implement the input member DurableExecutionName of Lambda.",
    () => invocation({ DurableExecutionName: "d" }),
  ],
  "an event above 1 MB": [
    "RequestTooLargeException",
    413,
    "Request must be smaller than 1048576 bytes for the InvokeFunction operation",
    () => invocation({ InvocationType: "Event", Payload: Buffer.alloc(1_048_577, "1") }),
  ],
  "a function named with a qualifier": [
    "ValidationException",
    400,
    "Value 'new:1' at 'functionName' failed to satisfy constraint",
    () => create({ FunctionName: "new:1" }),
  ],
  "code from S3": [
    "NotImplemented",
    501,
    "Function code from S3 is not supported by the local AWS: send a ZipFile.",
    () => create({ Code: { S3Bucket: "bucket", S3Key: "key" } }),
  ],
  "new code from S3": [
    "NotImplemented",
    501,
    "Function code from S3 is not supported by the local AWS: send a ZipFile.",
    () => updateCode({ S3Bucket: "bucket", S3Key: "key" }),
  ],
  "code from an image": [
    "NotImplemented",
    501,
    "A container image as function code is not supported by the local AWS: send a ZipFile.",
    () => create({ Code: { ImageUri: "image" } }),
  ],
  "an image in place of a zip": [
    INVALID,
    400,
    "Please don't provide ImageUri when updating a function with packageType Zip.",
    () => updateCode({ ImageUri: "image" }),
  ],
  "code from two places": [
    INVALID,
    400,
    "Please do not provide other FunctionCode parameters when providing a ZipFile.",
    () => updateCode({ ZipFile: ECHO, S3Bucket: "bucket" }),
  ],
  "no code at all": [INVALID, 400, "Please provide a source for function code.", () => updateCode({ DryRun: true })],
  "code for an old revision": [
    "PreconditionFailedException",
    412,
    STALE,
    () => updateCode({ ZipFile: ECHO, RevisionId: "old", DryRun: true }),
  ],
  layers: ["NotImplemented", 501, unsupported("Layers"), () => configure({ Layers: ["arn:aws:lambda:::awslayer:a"] })],
  "a VPC": [
    "NotImplemented",
    501,
    unsupported("VpcConfig"),
    () => configure({ VpcConfig: { SubnetIds: ["subnet-1"] } }),
  ],
  "a dead letter queue": [
    "NotImplemented",
    501,
    unsupported("DeadLetterConfig"),
    () => configure({ DeadLetterConfig: { TargetArn: "arn:aws:sqs:us-east-1:000000000000:q" } }),
  ],
  "a log in JSON": [
    "NotImplemented",
    501,
    unsupported("LoggingConfig"),
    () => configure({ LoggingConfig: { LogFormat: "JSON" } }),
  ],
  "a log level without JSON": [
    INVALID,
    400,
    "the log format must be JSON",
    () => configure({ LoggingConfig: { ApplicationLogLevel: "INFO" } }),
  ],
  "active tracing": [
    "NotImplemented",
    501,
    unsupported("TracingConfig"),
    () => configure({ TracingConfig: { Mode: "Active" } }),
  ],
};

test.each(Object.entries(CASES))("Lambda refuses %s", async (_case, [name, status, message, call]) => {
  const refused = await refusal(call());
  expect(refused).toMatchObject({ name, status });
  expect(refused.message).toContain(message);
});

test("settings the local AWS does not have are taken where they ask for nothing", async () => {
  const updated = await configure({
    Layers: [],
    FileSystemConfigs: [],
    KMSKeyArn: "",
    DeadLetterConfig: { TargetArn: "" },
    VpcConfig: { SubnetIds: [], SecurityGroupIds: [], Ipv6AllowedForDualStack: false },
    ImageConfig: {},
    SnapStart: { ApplyOn: "None" },
    TracingConfig: { Mode: "PassThrough" },
    LoggingConfig: { LogFormat: "Text" },
  });
  expect(updated).toMatchObject({ FunctionName: "f" });
  expect(updated.Layers).toBeUndefined();
});
