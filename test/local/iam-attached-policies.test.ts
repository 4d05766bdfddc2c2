// What a function may call by the policies that are attached to its role.
import * as bedrock from "@aws-sdk/client-bedrock-runtime";
import { AttachRolePolicyCommand } from "@aws-sdk/client-iam";
import * as sm from "@aws-sdk/client-secrets-manager";
import * as ssm from "@aws-sdk/client-ssm";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  FUNCTION_ACCESS_KEY_ID,
  FUNCTION_SECRET_ACCESS_KEY,
  functionToken,
  LOCAL_ACCESS_KEY_ID,
  LOCAL_SECRET_ACCESS_KEY,
} from "../../src/local/credentials.ts";
import { sdkFetch } from "../../templates/handler/backends/sdk-fetch.ts";
import { createRole, startAccount, type TestAccount } from "./control-plane-support.ts";

type Credentials = NonNullable<ssm.SSMClientConfig["credentials"]>;

let aws: TestAccount;
beforeAll(async () => {
  aws = await startAccount();
  const own = clientsOf({ accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY });
  await own.parameters.send(new ssm.PutParameterCommand({ Name: "key", Value: "v", Type: "String" }));
  await own.secrets.send(new sm.CreateSecretCommand({ Name: "key", SecretString: "s" }));
});
afterAll(() => aws.close());

function clientsOf(credentials: Credentials) {
  const config = { region: "us-east-1", endpoint: aws.url, maxAttempts: 1, credentials };
  return {
    parameters: new ssm.SSMClient(config),
    secrets: new sm.SecretsManagerClient(config),
    // The client's own speaks HTTP/2 alone.
    models: new bedrock.BedrockRuntimeClient({ ...config, requestHandler: sdkFetch }),
  };
}

/** The calls that a function with this role may make. */
async function allowedCalls(roleArn: string): Promise<string[]> {
  const { parameters, secrets, models } = clientsOf({
    accessKeyId: FUNCTION_ACCESS_KEY_ID,
    secretAccessKey: FUNCTION_SECRET_ACCESS_KEY,
    sessionToken: functionToken({ roleArn, functionName: "f" }),
  });
  const hello: bedrock.Message = { role: "user", content: [{ text: "Hi" }] };
  const calls: Record<string, Promise<unknown>> = {
    GetParameter: parameters.send(new ssm.GetParameterCommand({ Name: "key" })),
    PutParameter: parameters.send(new ssm.PutParameterCommand({ Name: "key", Value: "v", Overwrite: true })),
    GetSecretValue: secrets.send(new sm.GetSecretValueCommand({ SecretId: "key" })),
    Converse: models.send(new bedrock.ConverseCommand({ modelId: "amazon.nova-micro-v1:0", messages: [hello] })),
  };
  const outcomes = Object.entries(calls).map(async ([name, call]) => {
    const code = await call.then(() => undefined).catch((error: Error) => error.name);
    expect([undefined, "AccessDeniedException"]).toContain(code);
    return code === undefined ? [name] : [];
  });
  return (await Promise.all(outcomes)).flat();
}

test.each([
  ["AmazonSQSFullAccess", []],
  ["AmazonSSMReadOnlyAccess", ["GetParameter"]],
  ["ReadOnlyAccess", ["GetParameter"]],
  ["SecretsManagerReadWrite", ["GetSecretValue"]],
  ["AmazonBedrockFullAccess", ["Converse"]],
])("%s allows %j", async (policy, allowed) => {
  const role = await createRole(aws, policy);
  expect(await allowedCalls(role)).toEqual([]);
  const PolicyArn = `arn:aws:iam::aws:policy/${policy}`;
  await aws.iam.send(new AttachRolePolicyCommand({ RoleName: policy, PolicyArn }));
  expect(await allowedCalls(role)).toEqual(allowed);
});
