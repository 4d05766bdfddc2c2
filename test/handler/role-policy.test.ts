// What a function may do on the local AWS whose role has the policy that deploy gives it.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { PutRolePolicyCommand } from "@aws-sdk/client-iam";
import { InvokeCommand, waitUntilFunctionActiveV2 } from "@aws-sdk/client-lambda";
import { CreateSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { build } from "esbuild";
import { zipSync } from "fflate";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { functionPolicy } from "../../src/aws/function-policy.ts";
import type { PolicyDocument } from "../../src/aws/resources/policy-document.ts";
import { loadGateway } from "../../src/config.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_ACCOUNT_ID, LOCAL_SECRET_ACCESS_KEY } from "../../src/local/credentials.ts";
import { createFunction, createRole, startAccount, type TestAccount } from "../local/control-plane-support.ts";
import { temporaryFolder } from "../support/cli.ts";

const REGION = "us-east-1";
const HANDLER = `
import { BedrockRuntimeClient, ConverseStreamCommand } from "@aws-sdk/client-bedrock-runtime";
import { sdkFetch } from "./backends/sdk-fetch.ts";
import { createSecrets } from "./secrets.ts";
const secrets = createSecrets(process.env, () => performance.now());
const bedrock = new BedrockRuntimeClient({ requestHandler: sdkFetch });
const messages = [{ role: "user", content: [{ text: "Hello" }] }];
async function textOf({ stream }) {
  let text = "";
  for await (const { contentBlockDelta } of stream) text += contentBlockDelta?.delta.text ?? "";
  return { text };
}
export const handler = ({ modelId, ...reference }) =>
  modelId === undefined
    ? secrets.read(reference).then((key) => ({ key }), ({ status, reason }) => ({ status, reason }))
    : bedrock.send(new ConverseStreamCommand({ modelId, messages })).then(
        textOf,
        ({ name, message, $metadata }) => ({ name, message, status: $metadata.httpStatusCode }),
      );
`;

let account: TestAccount;

beforeAll(async () => {
  account = await startAccount({ region: REGION });
  const Role = await createRole(account);
  await createFunction(account, "fn", { Role, Code: { ZipFile: await bundled() } });
  await waitUntilFunctionActiveV2({ client: account.lambda, maxWaitTime: 30 }, { FunctionName: "fn" });
  const client = {
    region: REGION,
    endpoint: account.url,
    credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
  };
  const ssm = new SSMClient(client);
  for (const Name of ["/llm-gw/key", "/llm-gw/key2"]) {
    await ssm.send(new PutParameterCommand({ Name, Type: "SecureString", Value: "from ssm" }));
  }
  const manager = new SecretsManagerClient(client);
  for (const Name of ["llm/key", "llm/key-and-more"]) {
    await manager.send(new CreateSecretCommand({ Name, SecretString: "from secretsmanager" }));
  }
});
afterAll(() => account.close());

beforeEach(async () => {
  await allow(await configuredPolicy());
});

/** What deploy would give the role. */
async function configuredPolicy(): Promise<PolicyDocument> {
  const cwd = await temporaryFolder();
  const nova = ["bedrock:amazon.nova-micro-v1:0", "bedrock:us.amazon.nova-lite-v1:0"];
  const models = { default: ["openai:https://a/v1#m", "openai:https://b/v1#m", ...nova] };
  const secrets = { "openai:https://a/v1": "ssm:/llm-gw/key", "openai:https://b/v1": "secretsmanager:llm/key" };
  await writeFile(join(cwd, "llm-gw.json"), JSON.stringify({ models, secrets }));
  const gateway = await loadGateway({}, { cwd, env: { AWS_REGION: REGION } }, async () => undefined);
  return functionPolicy(gateway, { account: LOCAL_ACCOUNT_ID, partition: "aws" });
}

async function allow(policy: PolicyDocument): Promise<void> {
  const document = JSON.stringify(policy);
  const input = { RoleName: "fn-role", PolicyName: "llm-gw", PolicyDocument: document };
  await account.iam.send(new PutRolePolicyCommand(input));
}

async function bundled(): Promise<Uint8Array> {
  const resolveDir = fileURLToPath(new URL("../../templates/handler", import.meta.url));
  const { outputFiles } = await build({
    stdin: { contents: HANDLER, resolveDir, loader: "ts" },
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  return zipSync({ "index.mjs": outputFiles[0]?.contents ?? new Uint8Array() });
}

async function invoke(event: object): Promise<unknown> {
  const answer = await account.lambda.send(new InvokeCommand({ FunctionName: "fn", Payload: JSON.stringify(event) }));
  return JSON.parse(answer.Payload?.transformToString() ?? "");
}

const read = (source: string, name: string) => invoke({ source, name });

test("the configured parameter and secret can be read", async () => {
  expect(await read("ssm", "/llm-gw/key")).toEqual({ key: "from ssm" });
  expect(await read("secretsmanager", "llm/key")).toEqual({ key: "from secretsmanager" });
});

test.each([
  ["ssm", "/llm-gw/key2"],
  ["secretsmanager", "llm/key-and-more"],
  ["secretsmanager", "not/there"],
])("no other can: %s:%s", async (source, name) => {
  expect(await read(source, name)).toEqual({ status: 500, reason: `${source}:${name}: AccessDeniedException` });
});

test.each(["amazon.nova-micro-v1:0", "us.amazon.nova-lite-v1:0"])(
  "the configured model %s answers",
  async (modelId) => {
    expect(await invoke({ modelId })).toEqual({ text: "[echo of the local AWS] Hello" });
  },
);

test.each([
  ["us.amazon.nova-micro-v1:0", `${REGION}:${LOCAL_ACCOUNT_ID}:inference-profile/us.amazon.nova-micro-v1:0`],
  ["amazon.nova-pro-v1:0", `${REGION}::foundation-model/amazon.nova-pro-v1:0`],
])("no other does: %s", async (modelId, resource) => {
  expect(await invoke({ modelId })).toEqual(denied(resource));
});

test("an inference profile does not answer whose foundation model is not allowed", async () => {
  const policy = await configuredPolicy();
  await allow({ ...policy, Statement: policy.Statement.filter(({ Condition }) => Condition === undefined) });
  expect(await invoke({ modelId: "us.amazon.nova-lite-v1:0" })).toEqual(
    denied(`${REGION}::foundation-model/amazon.nova-lite-v1:0`),
  );
});

function denied(resource: string) {
  const action = "bedrock:InvokeModelWithResponseStream";
  return {
    name: "AccessDeniedException",
    status: 403,
    message: `User: arn:aws:sts::${LOCAL_ACCOUNT_ID}:assumed-role/fn-role/fn is not authorized to perform: ${action} on resource: arn:aws:bedrock:${resource} because no identity-based policy allows the ${action} action`,
  };
}
