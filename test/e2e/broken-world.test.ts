// States of AWS and of this machine in which a run must still do the right thing.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { DeleteFunctionCommand } from "@aws-sdk/client-lambda";
import { expect, onTestFinished, test } from "vitest";
import { clients, EMPTY_ACCOUNT, inventory } from "../support/account.ts";
import { finished, llmGw, llmGwJson, start } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";
import { startAws } from "../support/local-aws.ts";
import { startProxy } from "../support/proxy.ts";
import { listen } from "../support/relay.ts";

freshAwsForEachTest();

test.each(["Failed", "Inactive"])("a function that is %s is sent again whole", async (state) => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  await aws.calls();
  let isFirst = true;
  const endpoint = await startProxy(aws.url, (operation, reply, _response, body) => {
    if (!isFirst || operation !== "GET /2015-03-31/functions/llm-gw-prod") return reply();
    isFirst = false;
    const [field, settled] = state === "Failed" ? ["LastUpdateStatus", "Successful"] : ["State", "Active"];
    const member = new RegExp(`"${field}": ?"${settled}"`);
    expect(body).toMatch(member);
    reply(body.replace(member, `"${field}":"${state}"`));
  });
  const repaired = await llmGwJson(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(repaired.summary).toMatchObject({ updated: 1, unchanged: 12 });
  expect(await aws.mutations()).toEqual(["UpdateFunctionConfiguration", "UpdateFunctionCode"]);
});

test("a function whose creation failed is made anew, and what was inside it", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  const whole = await inventory(aws);
  await aws.calls();
  let isFirst = true;
  const endpoint = await startProxy(aws.url, (operation, reply, _response, body) => {
    if (!isFirst || operation !== "GET /2015-03-31/functions/llm-gw-prod") return reply();
    isFirst = false;
    reply(body.replace(/"State": ?"Active"/, '"State":"Failed"'));
  });
  const repaired = await llmGwJson(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(repaired.summary).toMatchObject({ replaced: 1, created: 1, unchanged: 11 });
  expect(await aws.mutations()).toEqual(["DeleteFunction", "CreateFunction", "AddPermission"]);
  expect(await inventory(aws)).toEqual(whole);
});

test("a listing that does not show the new API yet makes no second one", async () => {
  let listings = 0;
  const endpoint = await startProxy(aws.url, (operation, reply) => {
    if (operation !== "GET /v2/apis") return reply();
    listings += 1;
    reply(listings < 4 ? '{"items":[]}' : undefined);
  });
  const run = await llmGw(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining("waiting for AWS to show everything") });
  expect(listings).toBe(4);
  expect((await aws.mutations()).filter((operation) => operation === "CreateApi")).toHaveLength(1);
});

test("a listing that does not show our API yet hides nothing from destroy", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  const endpoint = await startProxy(aws.url, (operation, reply) =>
    reply(operation === "GET /v2/apis" ? '{"items":[]}' : undefined),
  );
  await llmGwJson(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["destroy", "--yes"]);
  expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
});

test("whose account it is comes before what reads in the wrong one are refused with", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  const path = join(folder, ".llm-gw", "llm-gw-prod-eu-west-1.json");
  await writeFile(path, (await readFile(path, "utf8")).replace(aws.account, "111111111111"));
  const denied = {
    effect: "before",
    kind: "error",
    status: 403,
    code: "AccessDeniedException",
    message: "no",
  } as const;
  await aws.faults(
    { operation: "ListTagsForResource", nth: 1, ...denied },
    { operation: "GetCallerIdentity", nth: 1, effect: "before", kind: "delay", ms: 150 },
  );
  const run = await llmGw(folder, aws.env, ["deploy"]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("was deployed to account 111111111111") });
});

test("a log group that came between two reads of one look is not taken for a stranger's", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  await clients(aws).lambda.send(new DeleteFunctionCommand({ FunctionName: "llm-gw-prod" }));
  const message = "The specified log group does not exist.";
  await aws.refuse("ListTagsForResource", 400, "ResourceNotFoundException", message);
  expect(await llmGwJson(folder, aws.env, ["deploy"])).toMatchObject({ summary: { created: 2 } });
});

test("a new role whose id stands in the place of its ARN is waited for", async () => {
  let times = 2;
  const endpoint = await startProxy(aws.url, (operation, reply, _response, body) => {
    if (!/^(Create|Get)Role$/.test(operation) || !body.includes("<Arn>") || times-- <= 0) return reply();
    reply(body.replace(/<Arn>[^<]*<\/Arn>/, "<Arn>AROAEXAMPLEEXAMPLE00</Arn>"));
  });
  const run = await llmGw(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining("waiting for IAM to show the ARN of role") });
});

test("as long as a role may do anything, it is forbidden to make a log group", async () => {
  await llmGw(folder, aws.env, ["deploy"]);
  await aws.refuse("DetachRolePolicy", 403, "AccessDenied", "not authorized");
  await aws.calls();
  expect(await llmGw(folder, aws.env, ["destroy", "--yes"])).toMatchObject({ code: 1 });
  expect((await aws.calls()).map(({ operation }) => operation)).not.toContain("DeleteRolePolicy");
  expect(await llmGw(folder, aws.env, ["destroy", "--yes"])).toMatchObject({ code: 0 });
});

test("a web page in place of AWS's answer is told from AWS", async () => {
  const page = "<!doctype html><title>Sign in</title>";
  const endpoint = await startProxy(aws.url, (seen, reply) => reply(seen === "GET /v2/apis" ? page : undefined));
  const run = await llmGw(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("error: what answered is not AWS") });
});

test("an address that is no URL is not waited for", async () => {
  const endpoint = await startProxy(aws.url, (_operation, reply, _response, body) =>
    reply(body.replace(/"apiEndpoint": ?"[^"]*"/g, '"apiEndpoint":"http://x.execute-api.127.0.0.1:1"')),
  );
  const run = await llmGw(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("an address that is no URL") });
});

test("a reader that goes away stops nothing", async () => {
  const child = start(folder, aws.env, ["deploy"]);
  child.stdout?.destroy();
  child.stderr?.destroy();
  expect(await finished(child)).toMatchObject({ code: 0 });
  expect(await readdir(join(folder, ".llm-gw"))).toEqual([".gitignore", "llm-gw-prod-eu-west-1.json"]);
  expect((await inventory(aws)).apis).toHaveLength(1);
});

test("the hint of an error names the gateway that it is about", async () => {
  const run = await llmGw(folder, { LLM_GW_LOCAL_PORT: "1" }, ["status", "--local", "--name", "other"]);
  const hint = "hint: Start it with: LLM_GW_LOCAL_PORT=1 llm-gw deploy --name other --local\n";
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(hint) });
});

test("what answers in the local AWS's place with no number of a process is not the local AWS", async () => {
  const other = await listen(async (_sent, outgoing) => {
    outgoing.end(JSON.stringify({ service: "llm-gw local AWS", pid: 0, version: 1 }));
  });
  onTestFinished(() => other.close());
  const { port } = new URL(other.url);
  const run = (...args: string[]) => llmGw(folder, { LLM_GW_LOCAL_PORT: port }, args);
  const error = `error: port ${port} is in use, or not for you to use\n`;
  expect(await run("status", "--local")).toMatchObject({
    code: 1,
    stderr: `${error}hint: Choose another one: LLM_GW_LOCAL_PORT=${Number(port) + 1}\n`,
  });
  expect(await run("local", "stop")).toMatchObject({
    code: 1,
    stderr: `${error}hint: It is not the local AWS that listens there. Name its port with --port.\n`,
  });
});

test("two deploys start one local AWS", async () => {
  const probe = await startAws();
  await probe.close();
  const env = { LLM_GW_LOCAL_PORT: new URL(probe.url).port, TMPDIR: folder };
  onTestFinished(async () => void (await llmGw(folder, env, ["local", "stop"])));
  const names = ["one", "two"];
  const both = await Promise.all(names.map((name) => llmGw(folder, env, ["deploy", "--local", "--name", name])));
  expect(both.map(({ code, stderr }) => (code === 0 ? "" : stderr))).toEqual(["", ""]);
});
