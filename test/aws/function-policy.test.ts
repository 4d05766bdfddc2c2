import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkPolicySize, functionPolicy } from "../../src/aws/function-policy.ts";
import { loadGateway } from "../../src/config.ts";
import { temporaryFolder } from "../support/cli.ts";

const IDENTITY = { account: "123456789012", partition: "aws" };
const INVOKE = "bedrock:InvokeModelWithResponseStream";
const NO_LOG_GROUPS = { Effect: "Deny", Action: "logs:CreateLogGroup", Resource: "*" };

async function gatewayOf(config: object) {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, "llm-gw.json"), JSON.stringify(config));
  return loadGateway({}, { cwd, env: { AWS_REGION: "eu-west-1" } }, async () => undefined);
}

const statements = async (config: object) => functionPolicy(await gatewayOf(config), IDENTITY).Statement;

test("a model is allowed in the gateway's Region alone", async () => {
  expect(await statements({ models: { default: "bedrock:amazon.nova-micro-v1:0" } })).toEqual([
    NO_LOG_GROUPS,
    {
      Effect: "Allow",
      Action: INVOKE,
      Resource: ["arn:aws:bedrock:eu-west-1::foundation-model/amazon.nova-micro-v1:0"],
    },
  ]);
});

test("an inference profile is allowed, and through it alone its model in whichever Region", async () => {
  const profile = "arn:aws:bedrock:eu-west-1:123456789012:inference-profile/eu.amazon.nova-micro-v1:0";
  for (const model of ["eu.amazon.nova-micro-v1:0", profile]) {
    expect(await statements({ models: { default: `bedrock:${model}` } })).toEqual([
      NO_LOG_GROUPS,
      { Effect: "Allow", Action: INVOKE, Resource: [profile] },
      {
        Effect: "Allow",
        Action: INVOKE,
        Resource: ["arn:aws:bedrock:*::foundation-model/amazon.nova-micro-v1:0"],
        Condition: { StringEquals: { "bedrock:InferenceProfileArn": [profile] } },
      },
    ]);
  }
});

test("of an application inference profile, whatever model it leads to, through it alone", async () => {
  const profile = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123";
  expect(await statements({ models: { default: `bedrock:${profile}` } })).toEqual([
    NO_LOG_GROUPS,
    { Effect: "Allow", Action: INVOKE, Resource: [profile] },
    {
      Effect: "Allow",
      Action: INVOKE,
      Resource: ["arn:aws:bedrock:*::foundation-model/*"],
      Condition: { StringEquals: { "bedrock:InferenceProfileArn": [profile] } },
    },
  ]);
});

test("other ARNs are taken as they are", async () => {
  const arn = "arn:aws:bedrock:eu-west-1:123456789012:provisioned-model/abc123";
  expect((await statements({ models: { default: `bedrock:${arn}` } })).slice(1)).toEqual([
    { Effect: "Allow", Action: INVOKE, Resource: [arn] },
  ]);
});

test("exactly the secrets in use, each once; those of the environment need no right", async () => {
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:given-aBcD12";
  const models = {
    default: ["openai:https://a/v1#m", "openai:https://b#m", "openai:https://c#m", "openai:https://d#m"],
    again: ["openai:https://a/v1#n", "openai:https://e#n"],
  };
  const secrets = {
    "openai:https://a/v1": "ssm:/llm-gw/key",
    "openai:https://b": "ssm:plain",
    "openai:https://c": "secretsmanager:llm/key",
    "openai:https://d": `secretsmanager:${arn}`,
    "openai:https://e": "env:KEY",
  };
  expect((await statements({ models, secrets })).slice(1)).toEqual([
    {
      Effect: "Allow",
      Action: "ssm:GetParameter",
      Resource: [
        "arn:aws:ssm:eu-west-1:123456789012:parameter/llm-gw/key",
        "arn:aws:ssm:eu-west-1:123456789012:parameter/plain",
      ],
    },
    {
      Effect: "Allow",
      Action: "secretsmanager:GetSecretValue",
      Resource: [arn, "arn:aws:secretsmanager:eu-west-1:123456789012:secret:llm/key-??????"],
    },
  ]);
});

test("a policy that IAM would refuse is refused before any call", async () => {
  const profiles = (count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, i) => [i === 0 ? "default" : `m${i}`, `bedrock:eu.vendor.model-${i}-v1:0`]),
    );
  expect(checkPolicySize(await gatewayOf({ models: profiles(30) }))).toBeUndefined();
  const tooMany = await gatewayOf({ models: profiles(60) });
  expect(() => checkPolicySize(tooMany)).toThrow(/would have up to \d+ characters; IAM allows 10240/);
});
