// A gateway whose upstreams want keys, from llm-gw.json to the header that the upstream sees.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";
import { sendJson, startUpstream, type Upstream } from "./support/upstream.ts";

let aws: TestAws;
let upstream: Upstream;

beforeAll(async () => {
  [aws, upstream] = await Promise.all([
    startAws(),
    // An upstream of any kind: it refuses every request, and remembers what it was sent.
    startUpstream((_request, response) => sendJson(response, 401, { error: { message: "no" } })),
  ]);
  await new SSMClient(aws.client).send(
    new PutParameterCommand({ Name: "/llm-gw/key", Type: "SecureString", Value: "canary-ssm" }),
  );
  await new SecretsManagerClient(aws.client).send(
    new CreateSecretCommand({ Name: "llm/key", SecretString: "canary-managed" }),
  );
});
afterAll(async () => {
  await Promise.all([aws.close(), upstream.close()]);
});

test.each([
  ["ssm:/llm-gw/key", "canary-ssm", []],
  ["secretsmanager:llm/key", "canary-managed", []],
  ["env:CANARY_KEY", "canary-variable", ["--env", "CANARY_KEY"]],
])("the key at %s reaches the upstream, and nobody else", async (reference, key, flags) => {
  const folder = await temporaryFolder();
  const models = { default: `openai:${upstream.url}/v1#m` };
  const secrets = { [`openai:${upstream.url}/v1`]: reference };
  await writeFile(join(folder, "llm-gw.json"), JSON.stringify({ models, secrets }));
  const env = { ...aws.env, CANARY_KEY: "canary-variable" };
  const deployed = await llmGw(folder, env, ["deploy", "--verbose", ...flags]);
  expect(deployed.code).toBe(0);
  const asked = await llmGw(folder, env, ["invoke", "--prompt", "Hello", "--verbose"]);
  expect(asked.code).toBe(1);
  expect(upstream.requests.at(-1)?.headers.authorization).toBe(`Bearer ${key}`);
  expect(`${deployed.stdout}${deployed.stderr}${asked.stdout}${asked.stderr}`).not.toContain("canary-");
  expect(await llmGwJson(folder, env, ["status", ...flags])).toMatchObject({ upToDate: true });
  await llmGwJson(folder, env, ["destroy", "--yes"]);
});
