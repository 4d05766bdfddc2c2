import { expect, test } from "vitest";
import { AccessDenied, denialHint } from "../../src/aws/permissions.ts";

const NOTHING = { region: "eu-west-1", input: {}, http: {} };

test.each([
  ["lambda", "Invoke", { FunctionName: "f" }, "lambda:InvokeFunction on arn:aws:lambda:eu-west-1:ACCOUNT:function:f"],
  ["lambda", "TagResource", { Resource: "arn:f" }, "lambda:TagResource on arn:f"],
  ["logs", "TagResource", { resourceArn: "arn:g" }, "logs:TagResource on arn:g"],
  ["logs", "DescribeLogGroups", {}, "logs:DescribeLogGroups on *"],
  [
    "logs",
    "FilterLogEvents",
    { logGroupName: "/aws/lambda/f" },
    "logs:FilterLogEvents on arn:aws:logs:eu-west-1:ACCOUNT:log-group:/aws/lambda/f",
  ],
])("%s %s: what the call itself tells", (service, operation, input, expected) => {
  const { permission } = new AccessDenied(new Error("no"), { ...NOTHING, service, operation, input });
  expect(`${permission.action} on ${permission.resource}`).toBe(expected);
});

test.each([
  ["cn-north-1", "aws-cn"],
  ["us-gov-west-1", "aws-us-gov"],
])("in %s the ARN is of partition %s", (region, partition) => {
  const request = { ...NOTHING, service: "iam", operation: "GetRole", region, input: { RoleName: "r" } };
  expect(new AccessDenied(new Error("no"), request).permission.resource).toBe(`arn:${partition}:iam::ACCOUNT:role/r`);
});

test.each([
  [
    "iam:GetRole on resource: role r because no identity-based policy allows it",
    "iam:GetRole",
    "arn:aws:iam::ACCOUNT:role/r",
  ],
  ["iam:PassRole on resource: arn:aws:iam::1:role/r because no", "iam:PassRole", "arn:aws:iam::1:role/r"],
  ["iam:ListRoles on resource: * because no", "iam:ListRoles", "*"],
])("what AWS tells: not authorized to perform: %s", (told, action, resource) => {
  const request = { ...NOTHING, service: "iam", operation: "GetRole", input: { RoleName: "r" } };
  const { permission } = new AccessDenied(new Error(`User: u is not authorized to perform: ${told}`), request);
  expect(permission).toEqual({ action, resource });
});

test("a tag's path has the ARN of what is tagged", () => {
  const http = { method: "POST", path: "/v2/tags/arn%3Aaws%3Aapigateway%3Aeu-west-1%3A%3A%2Fapis%2Fa" };
  const denied = new AccessDenied(new Error("no"), {
    ...{ ...NOTHING, service: "apigateway", operation: "TagResource", http },
  });
  expect(denied.permission).toEqual({
    action: "apigateway:POST",
    resource: "arn:aws:apigateway:eu-west-1::/tags/arn:aws:apigateway:eu-west-1::/apis/a",
  });
});

test("an action that the policy does not name leads to the whole policy", () => {
  const request = { ...NOTHING, service: "kms", operation: "Decrypt" };
  expect(denialHint(new AccessDenied(new Error("no"), request))).toMatch(/^docs\/deployer-policy.json has all/);
});
