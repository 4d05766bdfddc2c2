import { BASIC_EXECUTION, freshName, IDENTITY_POLICY, query, type Rows, rowsOf, trust } from "./row.ts";

const TRUST = trust("lambda");
const iam =
  (action: string, members: Record<string, string> = {}) =>
  () =>
    query("iam", action, members);
const role = (members: Record<string, string>) =>
  iam("CreateRole", { RoleName: freshName(), AssumeRolePolicyDocument: TRUST, ...members });
const tags = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, i) => [
      [`Tags.member.${i + 1}.Key`, `k${i}`],
      [`Tags.member.${i + 1}.Value`, "v"],
    ]).flat(),
  );
const NO_PRINCIPAL = JSON.stringify({
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Action: "sts:AssumeRole" }],
});

const STS: Rows = [
  ["who is asking", "accepted", "2", () => query("sts", "GetCallerIdentity")],
  [
    "without a signature",
    "403 MissingAuthenticationToken",
    "2",
    () => ({ ...query("sts", "GetCallerIdentity"), headers: { ...query("sts", "x").headers, "x-unsigned": "yes" } }),
  ],
];

const IAM: Rows = [
  ["a role name that is taken", "409 EntityAlreadyExists", "3.1", role({ RoleName: "diff" })],
  ["a role name that is taken but for case", "409 EntityAlreadyExists", "3.1", role({ RoleName: "DIFF" })],
  ["a trust policy that is no JSON", "400 MalformedPolicyDocument", "3.1", role({ AssumeRolePolicyDocument: "{" })],
  ["a trust policy that says nothing", "400 MalformedPolicyDocument", "3.1", role({ AssumeRolePolicyDocument: "{}" })],
  [
    "a trust policy without principal",
    "400 MalformedPolicyDocument",
    "3.1",
    role({ AssumeRolePolicyDocument: NO_PRINCIPAL }),
  ],
  [
    "a trust policy above 2,048 characters",
    "409 LimitExceeded",
    "3.2",
    role({ AssumeRolePolicyDocument: trust("lambda".repeat(400)) }),
  ],
  ["a role name with a space", "400 ValidationError", "3.1", role({ RoleName: "a b" })],
  ["a role name of 65 characters", "400 ValidationError", "3.1", role({ RoleName: "r".repeat(65) })],
  ["no role name", "400 ValidationError", "3.1", iam("CreateRole", { AssumeRolePolicyDocument: TRUST })],
  ["no trust policy", "400 ValidationError", "3.1", iam("CreateRole", { RoleName: freshName() })],
  ["sessions of a minute", "400 ValidationError", "3.1", role({ MaxSessionDuration: "60" })],
  ["a description of 1,001 characters", "400 ValidationError", "3.1", role({ Description: "d".repeat(1001) })],
  ["a path without slashes", "400 ValidationError", "3.1", role({ Path: "x" })],
  ["a tag of AWS's own", "400 InvalidInput", "1", role({ "Tags.member.1.Key": "aws:x", "Tags.member.1.Value": "y" })],
  ["51 tags", "400 ValidationError", "3.1", role(tags(51))],
  ["a role that is not there", "404 NoSuchEntity", "3.1", iam("GetRole", { RoleName: "nobody" })],
  ["pages of no roles", "400 ValidationError", "9", iam("ListRoles", { MaxItems: "0" })],
  [
    "attaching a policy that is not there",
    "404 NoSuchEntity",
    "3.1",
    iam("AttachRolePolicy", { RoleName: "diff", PolicyArn: "arn:aws:iam::aws:policy/NoSuchPolicy" }),
  ],
  [
    "attaching what is no ARN",
    "400 ValidationError",
    "3.1",
    iam("AttachRolePolicy", { RoleName: "diff", PolicyArn: "basic" }),
  ],
  [
    "attaching to nobody",
    "404 NoSuchEntity",
    "3.1",
    iam("AttachRolePolicy", { RoleName: "nobody", PolicyArn: BASIC_EXECUTION }),
  ],
  ["attaching again", "accepted", "3.1", iam("AttachRolePolicy", { RoleName: "diff", PolicyArn: BASIC_EXECUTION })],
  [
    "detaching what is not attached",
    "404 NoSuchEntity",
    "3.1",
    iam("DetachRolePolicy", { RoleName: "foreign", PolicyArn: BASIC_EXECUTION }),
  ],
  [
    "an inline policy that is no JSON",
    "400 MalformedPolicyDocument",
    "3.1",
    iam("PutRolePolicy", { RoleName: "diff", PolicyName: "p", PolicyDocument: "{" }),
  ],
  [
    "an inline policy with a principal",
    "400 MalformedPolicyDocument",
    "3.1",
    iam("PutRolePolicy", { RoleName: "diff", PolicyName: "p", PolicyDocument: TRUST }),
  ],
  [
    "an inline policy's name with a space",
    "400 ValidationError",
    "3.1",
    iam("PutRolePolicy", { RoleName: "diff", PolicyName: "a b", PolicyDocument: IDENTITY_POLICY }),
  ],
  [
    "putting an inline policy again",
    "accepted",
    "3.1",
    iam("PutRolePolicy", { RoleName: "inline", PolicyName: "p", PolicyDocument: IDENTITY_POLICY }),
  ],
  [
    "an inline policy that is not there",
    "404 NoSuchEntity",
    "3.1",
    iam("GetRolePolicy", { RoleName: "diff", PolicyName: "none" }),
  ],
  [
    "deleting an inline policy that is not there",
    "404 NoSuchEntity",
    "3.1",
    iam("DeleteRolePolicy", { RoleName: "diff", PolicyName: "none" }),
  ],
  [
    "another trust policy that is no JSON",
    "400 MalformedPolicyDocument",
    "3.1",
    iam("UpdateAssumeRolePolicy", { RoleName: "diff", PolicyDocument: "{" }),
  ],
  ["updating nobody", "404 NoSuchEntity", "3.1", iam("UpdateRole", { RoleName: "nobody", Description: "x" })],
  ["deleting a role with a policy attached", "409 DeleteConflict", "3.1", iam("DeleteRole", { RoleName: "diff" })],
  ["deleting a role with an inline policy", "409 DeleteConflict", "3.1", iam("DeleteRole", { RoleName: "inline" })],
  ["deleting nobody", "404 NoSuchEntity", "3.1", iam("DeleteRole", { RoleName: "nobody" })],
];

export const IAM_ROWS = [...rowsOf("sts", STS), ...rowsOf("iam", IAM)];
