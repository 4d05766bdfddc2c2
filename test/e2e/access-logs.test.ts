import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DeleteAccessLogSettingsCommand, GetApisCommand, GetStageCommand } from "@aws-sdk/client-apigatewayv2";
import { CreateLogGroupCommand } from "@aws-sdk/client-cloudwatch-logs";
import { expect, test } from "vitest";
import { clients, EMPTY_ACCOUNT, inventory } from "../support/account.ts";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const GROUP = "/aws/vendedlogs/llm-gw/llm-gw-prod";

async function deploy(accessLogs: boolean, retention = 14) {
  const config = { accessLogs, function: { logRetentionDays: retention } };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify(config));
  return llmGwJson(folder, aws.env, ["deploy"]);
}

async function stage() {
  const { apigateway } = clients(aws);
  const { Items: apis } = await apigateway.send(new GetApisCommand({}));
  return { ApiId: apis?.[0]?.ApiId, StageName: "prod" };
}

async function settings() {
  return (await clients(aws).apigateway.send(new GetStageCommand(await stage()))).AccessLogSettings;
}

test("they are switched on, and kept for as long as is configured, with exactly the calls for it", async () => {
  await deploy(false);
  expect(await settings()).toBeUndefined();
  await aws.mutations();

  await deploy(true);
  expect((await aws.mutations()).toSorted()).toEqual(["CreateLogGroup", "PutRetentionPolicy", "UpdateStage"]);
  expect(await settings()).toEqual({
    DestinationArn: `arn:aws:logs:eu-west-1:${aws.account}:log-group:${GROUP}`,
    Format: expect.stringContaining("$context.requestId"),
  });
  await deploy(true);
  expect(await aws.mutations()).toEqual([]);
  await deploy(true, 30);
  expect(await aws.mutations()).toEqual(["PutRetentionPolicy", "PutRetentionPolicy"]);

  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
});

test("they are switched off with one call; what was logged stays until the gateway goes", async () => {
  await deploy(true);
  await aws.mutations();
  await deploy(false);
  expect(await aws.mutations()).toEqual(["DeleteAccessLogSettings"]);
  expect(await settings()).toBeUndefined();
  expect((await inventory(aws)).logGroups).toContainEqual({ logGroupName: GROUP, retentionInDays: 14 });
  const destroyed = await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  expect(destroyed.resources.map(({ id }: { id: string }) => id)).toContain("access-log-group");
  expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
});

test("a first deploy has them, a hand's change is repaired, and --keep-logs keeps both groups", async () => {
  const { summary } = await deploy(true);
  expect(summary.created).toBe(14);
  await clients(aws).apigateway.send(new DeleteAccessLogSettingsCommand(await stage()));
  await deploy(true);
  expect(await settings()).toMatchObject({ Format: expect.stringContaining("$context.status") });
  await llmGwJson(folder, aws.env, ["destroy", "--yes", "--keep-logs"]);
  expect((await inventory(aws)).logGroups.map(({ logGroupName }) => logGroupName).toSorted()).toEqual([
    "/aws/lambda/llm-gw-prod",
    GROUP,
  ]);
});

test("somebody else's group of that name is neither used nor deleted", async () => {
  await clients(aws).logs.send(new CreateLogGroupCommand({ logGroupName: GROUP }));
  await writeFile(join(folder, "llm-gw.json"), '{ "accessLogs": true }');
  const refused = await llmGw(folder, aws.env, ["deploy"]);
  expect(refused).toMatchObject({ code: 1, stderr: expect.stringContaining(GROUP) });
  await deploy(false);
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  expect((await inventory(aws)).logGroups.map(({ logGroupName }) => logGroupName)).toEqual([GROUP]);
});
