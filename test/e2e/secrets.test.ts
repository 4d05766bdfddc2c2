// AWS repeats what it was sent, in errors and in the reasons of failures: no secret of it is shown.
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
