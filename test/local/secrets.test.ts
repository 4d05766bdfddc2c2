// Systems Manager's parameters and Secrets Manager's secrets, through the real clients.
import * as sm from "@aws-sdk/client-secrets-manager";
import * as ssm from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { type LocalAws, startLocalAws } from "../../src/local/server.ts";
import type { Refusal } from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

let aws: LocalAws;
let parameters: ssm.SSMClient;
let secrets: sm.SecretsManagerClient;

beforeAll(async () => {
  aws = await startLocalAws({ port: 0 });
  const config = {
    region: "us-east-1",
    endpoint: aws.url,
    credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
    maxAttempts: 1,
  };
  parameters = new ssm.SSMClient(config);
  secrets = new sm.SecretsManagerClient(config);
  await put({ Name: "/taken", Type: "String" });
  await create({ Name: "taken", SecretString: "s" });
  await create({ Name: "empty" });
  await create({ Name: "marked", SecretString: "s" });
  await secrets.send(new sm.DeleteSecretCommand({ SecretId: "marked" }));
});
afterAll(() => aws.close());

const put = (input: Partial<ssm.PutParameterCommandInput>) =>
  parameters.send(new ssm.PutParameterCommand({ Name: "/new", Value: "v", ...input }));
const get = async (Name: string, WithDecryption?: boolean) =>
  (await parameters.send(new ssm.GetParameterCommand({ Name, WithDecryption }))).Parameter;
const describeParameters = async (ParameterFilters: ssm.ParameterStringFilter[]) =>
  (await parameters.send(new ssm.DescribeParametersCommand({ ParameterFilters }))).Parameters;
const create = (input: sm.CreateSecretCommandInput) => secrets.send(new sm.CreateSecretCommand(input));
const value = (SecretId: string) => secrets.send(new sm.GetSecretValueCommand({ SecretId }));
const remove = (input: sm.DeleteSecretCommandInput) => secrets.send(new sm.DeleteSecretCommand(input));

describe("a parameter", () => {
  test("is put, read, overwritten and deleted", async () => {
    const Name = "/llm-gw/key";
    expect(await put({ Name, Type: "SecureString", Value: "key-1" })).toMatchObject({ Version: 1, Tier: "Standard" });
    expect(await get(Name, true)).toMatchObject({
      ...{ Name, Type: "SecureString", Value: "key-1", Version: 1, DataType: "text" },
      ARN: "arn:aws:ssm:us-east-1:000000000000:parameter/llm-gw/key",
      LastModifiedDate: expect.any(Date),
    });
    expect(await put({ Name, Value: "key-2", Overwrite: true })).toMatchObject({ Version: 2 });
    expect(await get(Name, true)).toMatchObject({ Type: "SecureString", Value: "key-2" });
    const described = await describeParameters([{ Key: "Name", Values: [Name, "/none"] }]);
    expect(described).toEqual([expect.objectContaining({ Name, Type: "SecureString", Version: 2 })]);
    await parameters.send(new ssm.DeleteParameterCommand({ Name }));
    expect(await describeParameters([{ Key: "Name", Option: "Equals", Values: [Name] }])).toEqual([]);
    await expect(get(Name)).rejects.toMatchObject({ name: "ParameterNotFound" });
  });

  test("that is secure is read only by who asks for it", async () => {
    await put({ Name: "secure", Type: "SecureString", Value: "canary" });
    expect((await get("secure"))?.Value).toMatch(/^AQICAH(?!.*canary)/);
  });

  const invalid = (message: string, call: () => Promise<unknown>): Refusal => [
    "ValidationException",
    400,
    message,
    call,
  ];
  testRefusals({
    "a path without its slash": invalid("must be a fully qualified name", () => put({ Name: "a/b", Type: "String" })),
    "a name of Systems Manager": invalid("can't be prefixed with", () => put({ Name: "/ssm/a", Type: "String" })),
    "a name with a space": invalid("letters, numbers", () => put({ Name: "a b", Type: "String" })),
    "no type": invalid("A parameter type is required", () => put({})),
    "no value": invalid("greater than or equal to 1", () => put({ Type: "String", Value: "" })),
    "a value above 4,096 characters": invalid("4096", () => put({ Type: "String", Value: "v".repeat(4097) })),
    "a name of AWS": [
      "AccessDeniedException",
      400,
      "No access to reserved parameter name: /aws/a.",
      () => put({ Name: "/aws/a", Type: "String" }),
    ],
    "a path of 16 levels": [
      "HierarchyLevelLimitExceededException",
      400,
      "15 levels",
      () => put({ Name: "/a".repeat(16), Type: "String" }),
    ],
    "one that exists": [
      "ParameterAlreadyExists",
      400,
      "To overwrite this value",
      () => put({ Name: "/taken", Type: "String" }),
    ],
    "the deletion of none": [
      "ParameterNotFound",
      400,
      "",
      () => parameters.send(new ssm.DeleteParameterCommand({ Name: "none" })),
    ],
    "a filter by path": [
      "NotImplemented",
      501,
      "other filters",
      () => describeParameters([{ Key: "Path", Values: ["/"] }]),
    ],
    "a version": ["NotImplemented", 501, "versions, labels and ARNs", () => get("/taken:1")],
    tags: ["NotImplemented", 501, "Tags", () => put({ Type: "String", Tags: [{ Key: "k", Value: "v" }] })],
  });
});

describe("a secret", () => {
  test("is created, read by name and ARN, given another value and deleted", async () => {
    const { ARN } = await create({ Name: "llm/key", SecretString: "key-1" });
    expect(ARN).toMatch(/^arn:aws:secretsmanager:us-east-1:000000000000:secret:llm\/key-\w{6}$/);
    expect(await value("llm/key")).toMatchObject({
      ...{ ARN, Name: "llm/key", SecretString: "key-1", VersionStages: ["AWSCURRENT"] },
      CreatedDate: expect.any(Date),
    });
    const { VersionId } = await secrets.send(new sm.PutSecretValueCommand({ SecretId: ARN, SecretString: "key-2" }));
    expect(await value(ARN ?? "")).toMatchObject({ SecretString: "key-2", VersionId });
    const described = await secrets.send(new sm.DescribeSecretCommand({ SecretId: "llm/key" }));
    expect(described).toMatchObject({
      ARN,
      Name: "llm/key",
      VersionIdsToStages: { [VersionId ?? ""]: ["AWSCURRENT"] },
    });
    expect(described.DeletedDate).toBeUndefined();
    await remove({ SecretId: "llm/key", ForceDeleteWithoutRecovery: true });
    await expect(value("llm/key")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
    // The name is free again, and the secret another one.
    expect((await create({ Name: "llm/key", SecretString: "key-3" })).ARN).not.toBe(ARN);
  });

  test("of bytes", async () => {
    await create({ Name: "bytes", SecretBinary: Buffer.from([1, 2, 255]) });
    const { SecretBinary, SecretString } = await value("bytes");
    expect([Buffer.from(SecretBinary ?? []), SecretString]).toEqual([Buffer.from([1, 2, 255]), undefined]);
  });

  test("that is sent twice with one token is made once", async () => {
    const input = { Name: "twice", SecretString: "s", ClientRequestToken: "t".repeat(32) };
    expect((await create(input)).ARN).toBe((await create(input)).ARN);
  });

  test("that is marked for deletion, or has no value, is described", async () => {
    const describeSecret = (SecretId: string) => secrets.send(new sm.DescribeSecretCommand({ SecretId }));
    expect((await describeSecret("marked")).DeletedDate).toBeInstanceOf(Date);
    expect((await describeSecret("empty")).VersionIdsToStages).toBeUndefined();
    await expect(describeSecret("none")).rejects.toMatchObject({ name: "ResourceNotFoundException" });
  });

  const invalid = (message: string, call: () => Promise<unknown>): Refusal => [
    "InvalidParameterException",
    400,
    message,
    call,
  ];
  testRefusals({
    "a name with a space": ["ValidationException", 400, "Invalid name", () => create({ Name: "a b" })],
    "one that exists": [
      "ResourceExistsException",
      400,
      "the secret taken already exists",
      () => create({ Name: "taken", SecretString: "other" }),
    ],
    none: ["ResourceNotFoundException", 400, "can't find the specified secret.", () => value("none")],
    "one without a value": ["ResourceNotFoundException", 400, "staging label: AWSCURRENT", () => value("empty")],
    "one that is marked for deletion": ["InvalidRequestException", 400, "marked for deletion", () => value("marked")],
    "its name": ["InvalidRequestException", 400, "scheduled for deletion", () => create({ Name: "marked" })],
    "neither text nor bytes": invalid("either SecretString or SecretBinary", () =>
      secrets.send(new sm.PutSecretValueCommand({ SecretId: "taken" })),
    ),
    "a window and none": invalid("in conjunction with", () =>
      remove({ SecretId: "taken", RecoveryWindowInDays: 7, ForceDeleteWithoutRecovery: true }),
    ),
    "a window of a day": invalid("between 7 and 30", () => remove({ SecretId: "taken", RecoveryWindowInDays: 1 })),
    "a stage": [
      "NotImplemented",
      501,
      "VersionStage",
      () => secrets.send(new sm.GetSecretValueCommand({ SecretId: "taken", VersionStage: "AWSPREVIOUS" })),
    ],
  });
});
