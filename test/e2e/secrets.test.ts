// AWS repeats what it was sent, in errors and in the reasons of failures: no secret of it is shown.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { llmGw } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";
import { startProxy } from "../support/proxy.ts";

freshAwsForEachTest();

const SECRET = "canary-7c41";
const deploy = (env: Record<string, string>) =>
  llmGw(folder, { ...env, UPSTREAM_KEY: SECRET }, ["deploy", "--env", "UPSTREAM_KEY", "--verbose"]);

test("in an error that AWS answers with", async () => {
  await aws.refuse(
    "CreateFunction",
    400,
    "InvalidParameterValueException",
    `bad environment: {UPSTREAM_KEY=${SECRET}}`,
  );
  const run = await deploy(aws.env);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("bad environment: {UPSTREAM_KEY=***}") });
  expect(run.stdout + run.stderr).not.toContain(SECRET);
});

test("of two that begin alike, the longer one too", async () => {
  const longer = `${SECRET}-and-more`;
  await aws.refuse("CreateFunction", 400, "InvalidParameterValueException", `bad: {A=${SECRET}, B=${longer}}`);
  const run = await llmGw(folder, { ...aws.env, KEY_A: SECRET, KEY_B: longer }, [
    "deploy",
    "--env",
    "KEY_A",
    "--env",
    "KEY_B",
  ]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("bad: {A=***, B=***}") });
});

test("a value that is a word of a name hides nothing of the name", async () => {
  const says = "llm-gw-prod in eu-west-1 got {MODE=prod, AT=eu-west-1, ID=/prod/, KEY=prod-7c41} with prod-7c41";
  await aws.refuse("CreateFunction", 400, "InvalidParameterValueException", says);
  const values = ["MODE=prod", "AT=eu-west-1", "KEY=prod-7c41"];
  const run = await llmGw(folder, aws.env, ["deploy", ...values.flatMap((value) => ["--env", value])]);
  const shown = "llm-gw-prod in eu-west-1 got {MODE=***, AT=eu-west-1, ID=/prod/, KEY=***} with ***";
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining(shown) });
});

test("in what a failing function says, of which invoke knows no flag", async () => {
  await mkdir(join(folder, "app"));
  const code = "export const handler = async () => { throw new Error('refused: ' + process.env.UPSTREAM_KEY); };";
  await writeFile(join(folder, "app", "index.mjs"), code);
  const own = { code: "./app", runtime: "nodejs22.x", handler: "index.handler" };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify({ function: own }));
  expect(await deploy(aws.env)).toMatchObject({ code: 0 });
  const run = await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello", "--via", "lambda", "--verbose"]);
  expect(run).toMatchObject({ code: 1, stderr: expect.stringContaining("the function failed: refused: ***") });
  expect(run.stdout + run.stderr).not.toContain(SECRET);
});

test("in the reason why a function failed, which the hint quotes", async () => {
  const reason = `could not start with UPSTREAM_KEY=${SECRET}`;
  const endpoint = await startProxy(aws.url, (operation, reply, _response, body) => {
    if (!/^GET .*\/functions\/llm-gw-prod\/configuration$/.test(operation)) return reply();
    reply(JSON.stringify({ ...JSON.parse(body), State: "Failed", StateReason: reason }));
  });
  const run = await deploy({ ...aws.env, AWS_ENDPOINT_URL: endpoint });
  expect(run).toMatchObject({
    code: 1,
    stderr: expect.stringContaining("hint: could not start with UPSTREAM_KEY=***"),
  });
  expect(run.stdout + run.stderr).not.toContain(SECRET);
});
