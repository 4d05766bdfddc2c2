// What status tells besides the plan, which test/e2e and the transcripts show.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { GetFunctionCommand, TagResourceCommand, UpdateFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { afterAll, beforeAll, expect, test } from "vitest";
import { clients } from "../support/account.ts";
import { temporaryFolder } from "../support/cli.ts";
import { runHere } from "../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";

let aws: LocalTestAws;
beforeAll(async () => {
  aws = await startLocal();
});
afterAll(() => aws.close());

async function inFolder() {
  const cwd = await temporaryFolder();
  const world = { cwd, env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port } };
  return async (...args: string[]) => {
    const run = await runHere([...args, "--local", "--json"], world);
    return { code: run.code, ...JSON.parse(run.stdout) };
  };
}

const lambda = () => clients({ ...aws, client: { ...aws.client, region: "us-east-1" } }).lambda;

test("code and last deploy are what Lambda says, and null where nothing is", async () => {
  const run = await inFolder();
  const name = { name: "told" };
  expect(await run("status", "--name", name.name)).toMatchObject({ code: null, lastDeployedAt: null, upToDate: false });
  await run("deploy", "--name", name.name);
  const { Configuration } = await lambda().send(new GetFunctionCommand({ FunctionName: "told-prod" }));
  const status = await run("status", "--name", name.name);
  expect(status).toMatchObject({
    upToDate: true,
    code: { sha256: Configuration?.CodeSha256, sizeBytes: Configuration?.CodeSize },
  });
  expect(new Date(status.lastDeployedAt).getTime()).toBe(new Date(Configuration?.LastModified ?? "").getTime());
});

test("drift is told by property, with its value on AWS and in the configuration", async () => {
  const run = await inFolder();
  await run("deploy", "--name", "drifted");
  const change = { FunctionName: "drifted-prod", MemorySize: 640, Environment: { Variables: { HAND: "canary-1" } } };
  await lambda().send(new UpdateFunctionConfigurationCommand(change));
  const status = await run("status", "--name", "drifted", "--check");
  expect(status.drift).toEqual([
    { id: "function", path: "memory", from: 640, to: 512 },
    { id: "function", path: "environment.HAND", to: "(removed)" },
  ]);
  expect(JSON.stringify(status)).not.toContain("canary");
});

test("what a deploy without --code would do to one's own function is said in time", async () => {
  const cwd = await temporaryFolder();
  const world = { cwd, env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port } };
  await runHere(["deploy", "--local", "--name", "own"], world);
  const tags = { "llm-gw:code": "code" };
  const { Configuration } = await lambda().send(new GetFunctionCommand({ FunctionName: "own-prod" }));
  await lambda().send(new TagResourceCommand({ Resource: Configuration?.FunctionArn, Tags: tags }));
  for (const args of [["status"], ["deploy", "--dry-run"], ["deploy"]]) {
    const { stderr } = await runHere([...args, "--local", "--name", "own"], world);
    expect(stderr).toContain("warning: no code is given, so the function goes back to the built-in one");
  }
  expect((await runHere(["deploy", "--local", "--name", "own"], world)).stderr).not.toContain("warning");
});

test("a key that the internet could read is said in time", async () => {
  const cwd = await temporaryFolder();
  const urls = [
    ...["http://llm.example.com/v1", "http://8.8.8.8/v1", "https://llm.example.org/v1", "http://[::1]:8080/v1"],
    ...[
      "http://localhost:8080/v1",
      "http://127.0.0.1/v1",
      "http://10.1.2.3/v1",
      "http://llm/v1",
      "http://llm.corp.internal/v1",
    ],
  ];
  const models = { default: [...urls, "http://no-key.example.com/v1"].map((url) => `openai:${url}#m`) };
  const secrets = Object.fromEntries(urls.map((url) => [`openai:${url}`, "ssm:key"]));
  await writeFile(join(cwd, "llm-gw.json"), JSON.stringify({ name: "clear", models, secrets }));
  const world = { cwd, env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port } };
  const { stderr } = await runHere(["deploy", "--dry-run", "--local"], world);
  expect(stderr.match(/warning: .*/g)).toEqual(
    ["http://llm.example.com/v1", "http://8.8.8.8/v1"].map(
      (url) => `warning: the key of ${url} goes over the internet unencrypted; use https`,
    ),
  );
});

test("a warning names a command that finds this gateway, and none is said of what is not there", async () => {
  const cwd = await temporaryFolder();
  const port = new URL(aws.url).port;
  const run = async (...args: string[]) => {
    const flags = ["--local", "--name", "slow", "--stage", "dev", "--timeout", "60"];
    const { stderr } = await runHere([...args, ...flags], { cwd, env: { LLM_GW_LOCAL_PORT: port } });
    return stderr.match(/warning: .*/g);
  };
  const line = `LLM_GW_LOCAL_PORT=${port} llm-gw invoke --name slow --stage dev --local --via lambda`;
  const warning = [expect.stringMatching(`^warning: .*; for longer answers: ${line}$`)];
  expect(await run("status")).toBeNull();
  expect(await run("deploy", "--dry-run")).toEqual(warning);
  expect(await run("deploy", "--memory", "128")).toEqual(warning);
  expect(await run("status")).toBeNull();
  await lambda().send(new UpdateFunctionConfigurationCommand({ FunctionName: "slow-dev", Timeout: 20 }));
  expect(await run("status")).toEqual(warning);
});
