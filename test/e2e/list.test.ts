// What `list` finds: every gateway of the account in the region, from wherever it was deployed, and nothing else.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { expect, test } from "vitest";
import { clients } from "../support/account.ts";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const TIME = "\\d{4}-\\d\\d-\\d\\dT[\\d:.]+Z";
const createApi = (Name: string, Tags: Record<string, string>) =>
  clients(aws).apigateway.send(new CreateApiCommand({ Name, ProtocolType: "HTTP", Tags }));

test("without a gateway: a line that says so, and no error", async () => {
  await createApi("another", { team: "llm-gw" });
  expect(await llmGw(folder, aws.env, ["list"])).toEqual({
    code: 0,
    stdout: "",
    stderr: `no gateways in eu-west-1, account ${aws.account}\n`,
  });
  expect(await llmGwJson(folder, aws.env, ["list"])).toEqual({
    region: "eu-west-1",
    account: aws.account,
    gateways: [],
  });
});

test("those of all folders, by name and stage, with URLs that lead to their routes", async () => {
  const deploy = async (...args: string[]) => llmGwJson(await temporaryFolder(), aws.env, ["deploy", ...args]);
  const search = await deploy("--name", "search");
  const chatProd = await deploy("--name", "chat");
  const chatCi = await deploy("--name", "chat", "--stage", "ci");
  await aws.calls();

  const run = await llmGw(folder, aws.env, ["list"]);
  expect(run).toMatchObject({ code: 0, stderr: `3 gateways in eu-west-1, account ${aws.account}\n` });
  const rows = [
    ["chat    ci  ", chatCi],
    ["chat    prod", chatProd],
    ["search  prod", search],
  ] as const;
  expect(run.stdout.trimEnd().split("\n")).toEqual(
    rows.map(([row, { endpoint }]) =>
      expect.stringMatching(new RegExp(`^${row}  ${endpoint.replace(/\/inference$/, "")}  ${TIME}$`)),
    ),
  );
  const { gateways } = await llmGwJson(folder, aws.env, ["list"]);
  expect(gateways.map(({ name, stage }: { name: string; stage: string }) => `${name} ${stage}`)).toEqual([
    "chat ci",
    "chat prod",
    "search prod",
  ]);
  expect(Date.parse(gateways[0].createdAt)).not.toBeNaN();
  expect((await aws.calls()).map(({ operation }) => operation).sort()).toEqual([
    ...["GetApis", "GetApis", "GetCallerIdentity", "GetCallerIdentity"],
  ]);
});

test("the region is that of llm-gw.json, as for every command, unless a flag names another", async () => {
  const { AWS_REGION: _region, ...env } = aws.env;
  await writeFile(join(folder, "llm-gw.json"), '{ "region": "eu-central-1" }');
  await llmGwJson(folder, env, ["deploy"]);
  expect(await llmGwJson(folder, env, ["list"])).toMatchObject({ region: "eu-central-1", gateways: [{}] });
  expect(await llmGwJson(folder, env, ["list", "--region", "eu-west-1"])).toMatchObject({ gateways: [] });
});

test("a configuration that fits its own region alone does not stand in the way of a look into another", async () => {
  const arn = `arn:aws:secretsmanager:eu-central-1:${aws.account}:secret:key-AbCdEf`;
  const models = { default: "openai:https://llm.example.com/v1#m" };
  const secrets = { "openai:https://llm.example.com/v1": `secretsmanager:${arn}` };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify({ region: "eu-central-1", models, secrets }));
  expect((await llmGw(folder, aws.env, ["status", "--region", "eu-west-1"])).code).toBe(2);
  expect(await llmGwJson(folder, aws.env, ["list", "--region", "eu-west-1"])).toMatchObject({ region: "eu-west-1" });
});

test("a second API of the same gateway is shown beside the one that deploy keeps", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  const [{ apiId }] = (await llmGwJson(folder, aws.env, ["list"])).gateways;
  const { ApiId } = await createApi("llm-gw-prod", { "llm-gw:gateway": "llm-gw", "llm-gw:stage": "prod" });
  expect(await llmGwJson(folder, aws.env, ["list"])).toMatchObject({ gateways: [{ apiId, duplicates: [ApiId] }] });
  expect((await llmGw(folder, aws.env, ["list"])).stdout).toContain(`  (not alone: API ${ApiId})\n`);
  // Whoever remembers nothing looks for all of them, and keeps the same one.
  await llmGwJson(await temporaryFolder(), aws.env, ["deploy"]);
  expect(await llmGwJson(folder, aws.env, ["list"])).toMatchObject({ gateways: [{ apiId, duplicates: [] }] });
});

test.each([["invoke", "--prompt", "Hello"], ["logs"], ["status"], ["destroy", "--yes"]])(
  "%s of a gateway that is not there names the command that shows those that are",
  async (...args) => {
    const { stderr } = await llmGw(folder, aws.env, [...args, "--name", "nope", "--region", "eu-central-1"]);
    expect(stderr).toMatch(/: llm-gw list --region eu-central-1\n/);
  },
);
