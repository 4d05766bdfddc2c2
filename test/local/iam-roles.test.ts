import * as iam from "@aws-sdk/client-iam";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  BASIC_EXECUTION,
  LAMBDA_TRUST,
  type Refusal,
  refusal,
  startAccount,
  type TestAccount,
  trust,
} from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

let aws: TestAccount;
beforeAll(async () => {
  aws = await startAccount();
  await aws.iam.send(new iam.CreateRoleCommand({ RoleName, AssumeRolePolicyDocument: LAMBDA_TRUST }));
});
afterAll(async () => {
  await aws.close();
});

const RoleName = "r";
const READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess";

test("a permissions boundary is set, shown by GetRole and not by ListRoles, and taken away", async () => {
  await aws.iam.send(
    new iam.CreateRoleCommand({
      RoleName: "bound",
      AssumeRolePolicyDocument: LAMBDA_TRUST,
      PermissionsBoundary: BASIC_EXECUTION,
    }),
  );
  await aws.iam.send(new iam.PutRolePermissionsBoundaryCommand({ RoleName: "bound", PermissionsBoundary: READ_ONLY }));
  const { Role } = await aws.iam.send(new iam.GetRoleCommand({ RoleName: "bound" }));
  expect(Role?.PermissionsBoundary).toEqual({ PermissionsBoundaryType: "Policy", PermissionsBoundaryArn: READ_ONLY });
  const { Roles } = await aws.iam.send(new iam.ListRolesCommand({}));
  expect(Roles?.find((role) => role.RoleName === "bound")?.PermissionsBoundary).toBeUndefined();
  const { Policy } = await aws.iam.send(new iam.GetPolicyCommand({ PolicyArn: READ_ONLY }));
  expect(Policy).toMatchObject({ PolicyName: "ReadOnlyAccess", AttachmentCount: 0, PermissionsBoundaryUsageCount: 1 });
  await aws.iam.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName: "bound" }));
  const after = await aws.iam.send(new iam.GetRoleCommand({ RoleName: "bound" }));
  expect(after.Role?.PermissionsBoundary).toBeUndefined();
});

test("a policy counts the roles it is attached to and says its path", async () => {
  await aws.iam.send(new iam.AttachRolePolicyCommand({ RoleName, PolicyArn: BASIC_EXECUTION }));
  const { Policy } = await aws.iam.send(new iam.GetPolicyCommand({ PolicyArn: BASIC_EXECUTION }));
  expect(Policy).toEqual({
    PolicyName: "AWSLambdaBasicExecutionRole",
    Arn: BASIC_EXECUTION,
    Path: "/service-role/",
    AttachmentCount: 1,
    PermissionsBoundaryUsageCount: 0,
    IsAttachable: true,
  });
  await aws.iam.send(new iam.DetachRolePolicyCommand({ RoleName, PolicyArn: BASIC_EXECUTION }));
});

test("the older call changes a role's description and answers with the role", async () => {
  const { Role } = await aws.iam.send(new iam.UpdateRoleDescriptionCommand({ RoleName, Description: "new" }));
  expect(Role).toMatchObject({ RoleName, Description: "new" });
});

test("no role is in an instance profile", async () => {
  const answer = await aws.iam.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName }));
  expect([answer.InstanceProfiles, answer.IsTruncated]).toEqual([[], false]);
});

test("a role with a boundary alone can be deleted", async () => {
  const role = { RoleName: "gone", AssumeRolePolicyDocument: LAMBDA_TRUST, PermissionsBoundary: READ_ONLY };
  await aws.iam.send(new iam.CreateRoleCommand(role));
  await aws.iam.send(new iam.DeleteRoleCommand({ RoleName: "gone" }));
  expect((await refusal(aws.iam.send(new iam.GetRoleCommand({ RoleName: "gone" })))).name).toBe(
    "NoSuchEntityException",
  );
});

const trusting = (message: string, statement: object): Refusal => [
  "MalformedPolicyDocumentException",
  400,
  message,
  () => {
    const document = { Statement: [{ Effect: "Allow", Action: "sts:AssumeRole", Principal: "*", ...statement }] };
    return aws.iam.send(
      new iam.CreateRoleCommand({ RoleName: "x", AssumeRolePolicyDocument: JSON.stringify(document) }),
    );
  },
];
const noEntity = (message: string, call: () => Promise<unknown>): Refusal => [
  "NoSuchEntityException",
  404,
  message,
  call,
];

describe("a trust policy", () => {
  testRefusals({
    "another service's action": trusting("AssumeRole policy may only specify STS AssumeRole actions.", {
      Action: ["sts:AssumeRole", "lambda:InvokeFunction"],
    }),
    "a service that is none of AWS's": trusting('Invalid principal in policy: "SERVICE":"lambda"', {
      Principal: { Service: "lambda" },
    }),
    "a principal that is no account": trusting('Invalid principal in policy: "AWS":"me"', { Principal: { AWS: "me" } }),
    "a kind of principal AWS has not": trusting('Invalid principal in policy: "USER":"me"', {
      Principal: { User: "me" },
    }),
    "a resource": trusting("Has prohibited field Resource", { Resource: "*" }),
    "no principal": trusting("Missing required field Principal", { Principal: undefined }),
    "no action": trusting("Missing required field Action", { Action: undefined }),
    "an effect AWS has not": trusting("Syntax errors in policy.", { Effect: "Maybe" }),
  });
});

describe("what a role is asked for", () => {
  testRefusals({
    "a boundary that does not exist": noEntity(
      "Policy arn:aws:iam::000000000000:policy/NoSuchPolicy does not exist or is not attachable.",
      () =>
        aws.iam.send(
          new iam.PutRolePermissionsBoundaryCommand({
            RoleName,
            PermissionsBoundary: "arn:aws:iam::000000000000:policy/NoSuchPolicy",
          }),
        ),
    ),
    "a new role with a boundary that does not exist": noEntity("does not exist or is not attachable.", () =>
      aws.iam.send(
        new iam.CreateRoleCommand({
          RoleName: "x",
          AssumeRolePolicyDocument: LAMBDA_TRUST,
          PermissionsBoundary: "arn:aws:iam::000000000000:policy/NoSuchPolicy",
        }),
      ),
    ),
    "a boundary to take away where there is none": noEntity("The role with name r has no permissions boundary.", () =>
      aws.iam.send(new iam.DeleteRolePermissionsBoundaryCommand({ RoleName })),
    ),
    "the instance profiles of nobody": noEntity("The role with name nobody cannot be found.", () =>
      aws.iam.send(new iam.ListInstanceProfilesForRoleCommand({ RoleName: "nobody" })),
    ),
    "a policy nobody has": noEntity("Policy arn:aws:iam::000000000000:policy/NoSuchPolicy was not found.", () =>
      aws.iam.send(new iam.GetPolicyCommand({ PolicyArn: "arn:aws:iam::000000000000:policy/NoSuchPolicy" })),
    ),
    "characters IAM does not store": [
      "ValidationError",
      400,
      "Member must satisfy regular expression pattern",
      () =>
        aws.iam.send(
          new iam.UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument: trust("lambda.amazonaws.com\u20ac") }),
        ),
    ],
    "a policy's text": [
      "NotImplemented",
      501,
      "The local AWS does not implement the operation GetPolicyVersion of iam.",
      () => aws.iam.send(new iam.GetPolicyVersionCommand({ PolicyArn: READ_ONLY, VersionId: "v1" })),
    ],
    "a policy of one's own": [
      "NotImplemented",
      501,
      "The local AWS does not implement the operation CreatePolicy of iam.",
      () => aws.iam.send(new iam.CreatePolicyCommand({ PolicyName: "p", PolicyDocument: "{}" })),
    ],
  });
});
