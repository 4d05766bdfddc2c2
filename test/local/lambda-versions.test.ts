import * as lambda from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createFunction, refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { invoke, publish, say, WHO } from "./lambda-fixture.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
  await createFunction(aws, "f", { Code: { ZipFile: WHO }, Environment: { Variables: { SAY: "one" } } });
});
afterEach(async () => {
  vi.useRealTimers();
  await aws.close();
});

const FunctionName = "f";
const ARN = "arn:aws:lambda:us-east-1:000000000000:function:f";
const configuration = (Qualifier?: string) =>
  aws.lambda.send(new lambda.GetFunctionConfigurationCommand({ FunctionName, Qualifier }));
const createAlias = (input: Partial<lambda.CreateAliasCommandInput>) =>
  aws.lambda.send(new lambda.CreateAliasCommand({ FunctionName, Name: "live", FunctionVersion: "1", ...input }));

test("a version stays what it was when it was published", async () => {
  const first = await publish(aws, "f", { Description: "the first" });
  expect(first).toMatchObject({ Version: "1", FunctionArn: `${ARN}:1`, Description: "the first", State: "Active" });
  await say(aws, "f", "two");
  expect((await publish(aws, "f")).Version).toBe("2");
  expect((await configuration("1")).Environment).toEqual({ Variables: { SAY: "one" } });
  expect((await configuration("$LATEST")).FunctionArn).toBe(`${ARN}:$LATEST`);
  expect(await configuration("2")).toMatchObject({ Description: "", RevisionId: expect.any(String), Version: "2" });
  const { Versions } = await aws.lambda.send(new lambda.ListVersionsByFunctionCommand({ FunctionName }));
  expect(Versions?.map((one) => [one.Version, one.FunctionArn, one.State])).toEqual([
    ["$LATEST", `${ARN}:$LATEST`, undefined],
    ["1", `${ARN}:1`, undefined],
    ["2", `${ARN}:2`, undefined],
  ]);
  const all = await aws.lambda.send(new lambda.ListFunctionsCommand({ FunctionVersion: "ALL" }));
  expect(all.Functions?.map((one) => one.Version)).toEqual(["$LATEST", "1", "2"]);
});

test("an invocation runs the version its name means, and the function can tell", async () => {
  await publish(aws, "f");
  await say(aws, "f", "two");
  await createAlias({});
  expect(await invoke(aws, "f")).toMatchObject({
    ExecutedVersion: "$LATEST",
    value: { say: "two", version: "$LATEST", functionVersion: "$LATEST", invokedFunctionArn: ARN },
  });
  expect(await invoke(aws, "f", {}, "1")).toMatchObject({
    ExecutedVersion: "1",
    value: { say: "one", version: "1", functionVersion: "1", invokedFunctionArn: `${ARN}:1` },
  });
  expect(await invoke(aws, `${ARN}:live`)).toMatchObject({
    ExecutedVersion: "1",
    value: { say: "one", version: "1", invokedFunctionArn: `${ARN}:live` },
  });
  const { LogResult } = await aws.lambda.send(
    new lambda.InvokeCommand({ FunctionName, Qualifier: "1", LogType: "Tail" }),
  );
  expect(Buffer.from(LogResult ?? "", "base64").toString()).toMatch(/^START RequestId: \S+ Version: 1\n/);
});

test("publishing an unchanged function answers the last version, and no number is given twice", async () => {
  const first = await publish(aws, "f");
  expect(await publish(aws, "f", { Description: "again" })).toMatchObject({ Version: "1", Description: "" });
  const latest = await configuration();
  expect(latest.RevisionId).not.toBe(first.RevisionId);
  await aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName, Qualifier: "1" }));
  expect((await publish(aws, "f")).Version).toBe("2");
  await say(aws, "f", "two");
  await aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName: "f:2" }));
  expect((await publish(aws, "f")).Version).toBe("3");
});

test("PublishVersion takes the code and the revision it is told to expect", async () => {
  const { CodeSha256, RevisionId } = await configuration();
  const published = await publish(aws, "f", { CodeSha256, RevisionId });
  expect(published.Version).toBe("1");
  expect((await configuration()).RevisionId).not.toBe(RevisionId);
  expect((await configuration("1")).RevisionId).toBe(published.RevisionId);
});

test("Publish makes a version together with the function and with its code", async () => {
  vi.useFakeTimers({ toFake: ["Date"] });
  await aws.admin("PUT", "timing", { functionSettleMs: 1000 });
  const created = await createFunction(aws, "g", { Publish: true });
  const arn = "arn:aws:lambda:us-east-1:000000000000:function:g";
  expect(created).toMatchObject({ Version: "1", FunctionArn: arn, State: "Pending" });
  const pending = { name: "ResourceConflictException", status: 409 };
  expect(await refusal(invoke(aws, "g", {}, "1"))).toMatchObject(pending);
  expect(await refusal(publish(aws, "g"))).toMatchObject(pending);
  vi.setSystemTime(Date.now() + 1000);
  const version = { FunctionName: "g", Qualifier: "1" };
  const settled = await aws.lambda.send(new lambda.GetFunctionConfigurationCommand(version));
  expect(settled).toMatchObject({ State: "Active", LastUpdateStatus: "Successful", RevisionId: created.RevisionId });
  const update = { FunctionName: "g", ZipFile: WHO, Publish: true };
  expect(await aws.lambda.send(new lambda.UpdateFunctionCodeCommand({ ...update, DryRun: true }))).toMatchObject({
    Version: "$LATEST",
  });
  const updated = await aws.lambda.send(new lambda.UpdateFunctionCodeCommand(update));
  expect(updated).toMatchObject({ Version: "2", FunctionArn: `${arn}:2`, State: "Pending" });
  expect((await invoke(aws, "g", {}, "1")).value).toEqual({});
  vi.setSystemTime(Date.now() + 1000);
  expect((await invoke(aws, "g", {}, "2")).value).toMatchObject({ version: "2" });
});

test("an alias is made, moved, listed and deleted", async () => {
  await publish(aws, "f");
  await say(aws, "f", "two");
  await publish(aws, "f");
  const made = await createAlias({ Description: "d" });
  expect(made).toMatchObject({ AliasArn: `${ARN}:live`, Name: "live", FunctionVersion: "1", Description: "d" });
  const moved = await aws.lambda.send(
    new lambda.UpdateAliasCommand({
      FunctionName,
      Name: "live",
      FunctionVersion: "2",
      RevisionId: made.RevisionId,
    }),
  );
  expect(moved).toMatchObject({ FunctionVersion: "2", Description: "d" });
  expect(moved.RevisionId).not.toBe(made.RevisionId);
  expect(await aws.lambda.send(new lambda.GetAliasCommand({ FunctionName, Name: "live" }))).toMatchObject({
    FunctionVersion: "2",
  });
  expect(await configuration("live")).toMatchObject({ FunctionArn: `${ARN}:live`, Version: "2" });
  expect((await invoke(aws, "f", {}, "live")).value).toMatchObject({ say: "two" });
  await createAlias({ Name: "old" });
  const list = async (input = {}) => {
    const answer = await aws.lambda.send(new lambda.ListAliasesCommand({ FunctionName, ...input }));
    return { names: answer.Aliases?.map((alias) => alias.Name), next: answer.NextMarker };
  };
  expect((await list()).names).toEqual(["live", "old"]);
  expect((await list({ FunctionVersion: "1" })).names).toEqual(["old"]);
  const page = await list({ MaxItems: 1 });
  expect(page.names).toEqual(["live"]);
  expect(await list({ Marker: page.next })).toEqual({ names: ["old"], next: undefined });
  await aws.lambda.send(new lambda.DeleteAliasCommand({ FunctionName, Name: "live" }));
  expect((await list()).names).toEqual(["old"]);
});

test("the weight of an alias decides which of its two versions runs", async () => {
  await publish(aws, "f");
  await say(aws, "f", "two");
  await publish(aws, "f");
  const route = async (share: number | undefined) => {
    const RoutingConfig = { AdditionalVersionWeights: share === undefined ? {} : { 2: share } };
    return aws.lambda.send(new lambda.UpdateAliasCommand({ FunctionName, Name: "live", RoutingConfig }));
  };
  const made = await createAlias({ RoutingConfig: { AdditionalVersionWeights: { 2: 1 } } });
  expect(made.RoutingConfig).toEqual({ AdditionalVersionWeights: { 2: 1 } });
  expect((await invoke(aws, "f", {}, "live")).ExecutedVersion).toBe("2");
  await route(0);
  expect((await invoke(aws, "f", {}, "live")).ExecutedVersion).toBe("1");
  expect((await route(undefined)).RoutingConfig).toBeUndefined();
});

test("every version and alias has a policy of its own, which goes with the function", async () => {
  await publish(aws, "f");
  await createAlias({});
  const permit = (Qualifier?: string) =>
    aws.lambda.send(
      new lambda.AddPermissionCommand({
        FunctionName,
        Qualifier,
        StatementId: "s",
        Action: "lambda:InvokeFunction",
        Principal: "s3.amazonaws.com",
        SourceAccount: "000000000000",
        EventSourceToken: "t",
        PrincipalOrgID: "o-1234567890",
      }),
    );
  const before = await aws.lambda.send(new lambda.GetAliasCommand({ FunctionName, Name: "live" }));
  for (const qualifier of [undefined, "1", "live"]) {
    const { Statement } = await permit(qualifier);
    expect(JSON.parse(Statement ?? "")).toMatchObject({
      Resource: qualifier === undefined ? ARN : `${ARN}:${qualifier}`,
      Condition: {
        StringEquals: {
          "AWS:SourceAccount": "000000000000",
          "lambda:EventSourceToken": "t",
          "aws:PrincipalOrgID": "o-1234567890",
        },
      },
    });
  }
  const policy = (Qualifier?: string) => aws.lambda.send(new lambda.GetPolicyCommand({ FunctionName, Qualifier }));
  const { RevisionId } = await policy("live");
  expect(RevisionId).not.toBe(before.RevisionId);
  await aws.lambda.send(
    new lambda.RemovePermissionCommand({ FunctionName, Qualifier: "live", StatementId: "s", RevisionId }),
  );
  expect((await refusal(policy("live"))).name).toBe("ResourceNotFoundException");
  expect((await policy("1")).Policy).toContain(`${ARN}:1`);
  await aws.lambda.send(new lambda.DeleteFunctionCommand({ FunctionName }));
  await createFunction(aws, "f", { Role: "arn:aws:iam::000000000000:role/f-role" });
  expect((await refusal(policy())).name).toBe("ResourceNotFoundException");
  expect((await publish(aws, "f")).Version).toBe("1");
});

test("a function says that its code need not be signed, as Terraform asks after every change", async () => {
  const FunctionName = "f";
  expect(await aws.lambda.send(new lambda.GetFunctionCodeSigningConfigCommand({ FunctionName }))).toMatchObject({
    FunctionName,
  });
  const missing = new lambda.GetFunctionCodeSigningConfigCommand({ FunctionName: "other" });
  expect(await refusal(aws.lambda.send(missing))).toMatchObject({ name: "ResourceNotFoundException", status: 404 });
});
