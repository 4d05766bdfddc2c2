import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeEach, expect, test } from "vitest";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";
import { running } from "../support/running.ts";

freshAwsForEachTest();

/** Writes every body it gets to its log. */
const HANDLER = "export const handler = async ({ body }) => { console.log(body); return { statusCode: 200 }; };";
let endpoint: string;
beforeEach(async () => {
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app", "index.mjs"), HANDLER);
  await writeFile(
    join(folder, "llm-gw.json"),
    '{ "function": { "code": "app", "runtime": "nodejs22.x", "handler": "index.handler" }, "auth": "none" }',
  );
  ({ endpoint } = await llmGwJson(folder, aws.env, ["deploy"]));
});

const logs = (...flags: string[]) => llmGw(folder, aws.env, ["logs", ...flags]);
const say = (body: string) => fetch(endpoint, { method: "POST", body });

test("what the function wrote, line by line, and as one JSON document", async () => {
  await say("hello");
  const { code, stdout, stderr } = await logs();
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  expect(stdout).toMatch(/Z START [\w-]+\n\S+Z INFO hello\n\S+Z REPORT [\w-]+, [\d.]+ ms, billed/);
  expect(stdout).not.toContain("END RequestId");

  const { events } = await llmGwJson(folder, aws.env, ["logs"]);
  expect(events).toContainEqual({
    id: expect.any(String),
    time: expect.stringMatching(/^\d{4}-.*Z$/),
    group: "/aws/lambda/llm-gw-prod",
    stream: expect.stringContaining("[$LATEST]"),
    message: expect.stringContaining("hello"),
  });
  expect(events.at(-1).message).toMatch(/^REPORT RequestId: /);
});

test("the access log, which has also what never reached the function", async () => {
  expect(await logs("--access")).toMatchObject({ code: 1, stderr: expect.stringContaining('"accessLogs": true') });
  const config = await readFile(join(folder, "llm-gw.json"), "utf8");
  await writeFile(join(folder, "llm-gw.json"), config.replace('"none"', '"iam", "accessLogs": true'));
  await llmGwJson(folder, aws.env, ["deploy"]);
  const invoked = await llmGwJson(folder, aws.env, ["invoke", "--prompt", "hello"]);
  expect(invoked.status).toBe(200);
  expect((await say("unsigned")).status).toBe(403);

  const access = await logs("--access");
  expect(access.stdout).toMatch(/^\S+Z 200 POST \/inference \d+ ms [\w/+-]{15}=$/m);
  expect(access.stdout).toMatch(/^\S+Z 403 POST \/inference \d+ ms error: Forbidden [\w/+-]{15}=$/m);
  const both = await logs();
  expect(both.stdout).toMatch(
    /^\S+Z function INFO \{"prompt":"hello"\}\n[\s\S]*\n\S+Z access {3}403 POST \/inference/m,
  );
  const { events } = await llmGwJson(folder, aws.env, ["logs", "--filter", "{ $.status = 403 }"]);
  const { group, message } = events.at(-1);
  expect(group).toBe("/aws/vendedlogs/llm-gw/llm-gw-prod");
  expect(JSON.parse(message)).toMatchObject({ status: 403, routeKey: "POST /inference", method: "POST" });

  // Who has not the configuration reads it as well.
  await writeFile(join(folder, "llm-gw.json"), config);
  expect((await logs("--access")).stdout).toBe(access.stdout);
});

test("Lambda's own lines that tell nothing more are shown when they are asked for", async () => {
  await say("hello");
  expect((await logs()).stdout).not.toMatch(/INIT_START/);
  expect((await logs("--verbose")).stdout).toMatch(/Z INIT_START .*\n\S+Z START [\w-]+\n/);
  expect((await logs("--filter", "INIT_START")).stdout).toMatch(/Z INIT_START /);
});

test("a pattern and a time leave out the rest; no events are told on standard error", async () => {
  await say("hello");
  await say("goodbye");
  expect((await logs("--filter", "goodbye")).stdout).toMatch(/^\S+Z INFO goodbye\n$/);
  expect((await logs("--since", "2026-01-31T09:00Z", "--filter", "hello")).stdout).toContain("hello");
  expect(await logs("--filter", "nothing")).toMatchObject({
    code: 0,
    stdout: "",
    stderr: expect.stringMatching(/^no events since /),
  });
});

test.each([
  [["--since", "soon"], '--since "soon" is no time'],
  [["--since", "2026-02-30"], '--since "2026-02-30" is no time'],
  [["--since", "2026-13-01"], '--since "2026-13-01" is no time'],
  [["--since", "2999-01-01"], "--since 2999-01-01 is in the future"],
  [["--filter", "a-b"], "--filter a-b: Invalid character(s) in term"],
])("%j is refused", async (flags, message) => {
  expect(await logs(...flags)).toMatchObject({ code: 2, stdout: "", stderr: expect.stringContaining(message) });
});

test("a date alone is its midnight here", async () => {
  const run = await llmGw(folder, { ...aws.env, TZ: "Asia/Tokyo" }, [
    "logs",
    "--since",
    "2026-01-31",
    "--filter",
    "nothing",
  ]);
  expect(run).toMatchObject({ code: 0, stderr: "no events since 2026-01-30T15:00:00.000Z\n" });
});

test("without a gateway there is no log, with --local neither", async () => {
  expect(await logs("--name", "other")).toMatchObject({
    code: 1,
    stderr: expect.stringMatching("no log group /aws/lambda/other-prod"),
  });
  const local = await llmGw(folder, { LLM_GW_LOCAL_PORT: "1" }, ["logs", "--local"]);
  expect(local).toMatchObject({ code: 1, stderr: expect.stringMatching("the local AWS is not running") });
});

test("a denied call names its line of the deployer's policy", async () => {
  await aws.refuse("FilterLogEvents", 400, "AccessDeniedException", "not authorized");
  const { code, stderr } = await logs();
  const line = Number(/hint: Allow it as line (\d+) of docs\/deployer-policy.json/.exec(stderr)?.[1]);
  const policy = await readFile("docs/deployer-policy.json", "utf8");
  expect({ code, granted: policy.split("\n")[line - 1]?.trim() }).toEqual({
    code: 1,
    granted: '"logs:FilterLogEvents",',
  });
});

test("--follow shows what comes, until Ctrl-C, which is no error", async () => {
  const following = running(folder, aws.env, ["logs", "--follow", "--filter", "hello"]);
  await following.until(/following \/aws\/lambda\/llm-gw-prod until Ctrl-C\n/);
  await say("hello 1");
  await following.until(/hello 1\n/);
  await say("hello 2");
  await following.until(/hello 2\n/);
  following.child.kill("SIGINT");
  const { code, stdout, stderr } = await following.ended;
  expect({ code, stderr }).toEqual({ code: 130, stderr: "following /aws/lambda/llm-gw-prod until Ctrl-C\n" });
  expect(stdout.trim().split("\n")).toHaveLength(2);
});

test("--follow --json is one document a line, and ends when nobody reads any more", async () => {
  const following = running(folder, aws.env, ["logs", "--follow", "--json"]);
  await say("hello");
  const lines = (await following.until(/hello.*\n/))
    .trim()
    .split("\n")
    .filter((line) => line.startsWith("{"));
  expect(lines.map((line) => JSON.parse(line).message)).toContainEqual(expect.stringContaining("hello"));
  following.child.stdout?.destroy();
  await say("goodbye");
  expect((await following.ended).code).toBe(0);
});

test("--follow ends when the group is deleted", async () => {
  const following = running(folder, aws.env, ["logs", "--follow"]);
  await following.until(/until Ctrl-C\n/);
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  expect(await following.ended).toMatchObject({
    code: 1,
    stderr: expect.stringMatching("error: there is no log group"),
  });
});
