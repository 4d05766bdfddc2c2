// What destroy asks in a terminal, and when; that it removes everything is tested in test/e2e.
import { beforeEach, expect, test, vi } from "vitest";
import { llmGwJson } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";
import { startProxy } from "../support/proxy.ts";
import { runHere } from "../support/run-here.ts";

oneAwsForAllTests();

// In a process of its own, nobody could answer.
beforeEach(() => {
  for (const [name, value] of Object.entries(aws.env)) vi.stubEnv(name, value);
  return () => vi.unstubAllEnvs();
});

const destroy = (answer: string, ...args: readonly string[]) => {
  const env = { ...aws.env, LLM_GW_LOCAL_PORT: "1" };
  return runHere(["destroy", ...args], { cwd: folder, env, answer, output: { columns: 200, colours: false } });
};

test.each([
  [[], "llm-gw-prod is not in eu-west-1; to see what is: llm-gw list --region eu-west-1"],
  [["--local"], "the local AWS is not running, and what it held ended with it"],
])("nothing is asked about what is not there: %j", async (args, told) => {
  const { code, stderr } = await destroy("", ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: `${told}\nllm-gw-prod: nothing to do\n` });
});

test("the question names account and region, below what would go; without a yes nothing is written", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  await aws.calls();
  const { code, stderr } = await destroy("n", "--keep-logs");
  expect(code).toBe(1);
  expect(stderr).toBe(`- apigatewayv2.api llm-gw-prod
- lambda.function llm-gw-prod
- iam.role llm-gw-prod-eu-west-1
Delete llm-gw-prod in eu-west-1, account ${aws.account}, with everything in it? [y/N] n
error: nothing was deleted
hint: Answer y to delete it, or add --yes.
`);
  expect(await aws.mutations()).toEqual([]);
  expect((await destroy("y")).code).toBe(0);
  expect((await destroy("")).stderr).toMatch(/nothing to do\n$/);
});

test("what was not there when it was asked is not deleted: another run has made it since", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  let isFirst = true;
  const endpoint = await startProxy(aws.url, (operation, reply, response) => {
    if (!isFirst || operation !== "GET /2015-03-31/functions/llm-gw-prod") return reply();
    isFirst = false;
    response.writeHead(404, { "x-amzn-errortype": "ResourceNotFoundException" }).end("{}");
  });
  vi.stubEnv("AWS_ENDPOINT_URL", endpoint);
  await aws.calls();
  const { code, stderr } = await destroy("y");
  expect(code).toBe(1);
  expect(stderr).toMatch(/error: nothing was deleted: more of llm-gw-prod in eu-west-1 is there now than was shown\n/);
  expect(await aws.mutations()).toEqual([]);
  expect((await destroy("y")).code).toBe(0);
});
