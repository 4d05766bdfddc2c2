import { SimulatePrincipalPolicyCommand } from "@aws-sdk/client-iam";
import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { afterEach, beforeEach, expect, test } from "vitest";
import { createRole, refusal, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
});
afterEach(() => aws.close());

const user = async () => (await aws.sts.send(new GetCallerIdentityCommand({}))).Arn;

test("the account's user may do everything, said for each action and resource, page by page", async () => {
  const input = {
    PolicySourceArn: await user(),
    ActionNames: ["iam:CreateRole", "iam:PassRole"],
    ResourceArns: ["arn:aws:iam::000000000000:role/r"],
  };
  const first = await aws.iam.send(new SimulatePrincipalPolicyCommand({ ...input, MaxItems: 1 }));
  expect(first).toMatchObject({
    IsTruncated: true,
    EvaluationResults: [
      { EvalActionName: "iam:CreateRole", EvalResourceName: input.ResourceArns[0], EvalDecision: "allowed" },
    ],
  });
  const second = await aws.iam.send(new SimulatePrincipalPolicyCommand({ ...input, Marker: first.Marker }));
  expect(second).toMatchObject({ IsTruncated: false, EvaluationResults: [{ EvalActionName: "iam:PassRole" }] });
});

test("another user does not exist, and a role is not simulated", async () => {
  await createRole(aws, "r");
  const simulate = (PolicySourceArn: string) =>
    refusal(aws.iam.send(new SimulatePrincipalPolicyCommand({ PolicySourceArn, ActionNames: ["iam:GetRole"] })));
  expect(await simulate("arn:aws:iam::000000000000:user/other")).toMatchObject({ name: "NoSuchEntityException" });
  expect(await simulate("arn:aws:iam::000000000000:role/none")).toMatchObject({ name: "NoSuchEntityException" });
  expect(await simulate("arn:aws:iam::000000000000:role/r")).toMatchObject({ name: "NotImplemented" });
});
