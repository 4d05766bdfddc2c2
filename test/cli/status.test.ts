// What status tells besides the plan, which test/e2e and the transcripts show.
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
