// Models, their secrets and limits, as the built-in function will read them.
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadGateway } from "../src/config.ts";
import { temporaryFolder } from "./support/cli.ts";

async function load(config: object, region = "eu-west-1") {
  const cwd = await temporaryFolder();
  await writeFile(join(cwd, "llm-gw.json"), JSON.stringify(config));
  const gateway = await loadGateway({}, { cwd, env: { AWS_REGION: region } }, async () => undefined);
  return gateway.function.source;
}

const NOVA = { backend: "bedrock", model: "eu.amazon.nova-micro-v1:0" };
const SMALL = { backend: "openai", baseUrl: "https://llm.example.com/v1", model: "small:7b" };

describe("candidates", () => {
  test("models of the three kinds, alone or in a list", async () => {
    const models = {
      default: "echo:",
      fast: ["openai:https://llm.example.com/v1/#small:7b", "bedrock:eu.amazon.nova-micro-v1:0"],
    };
    expect(await load({ models })).toMatchObject({ models: { default: [{ backend: "echo" }], fast: [SMALL, NOVA] } });
  });

  test("other aliases stand for all of theirs, and nothing is tried twice", async () => {
    const models = {
      best: ["fast", "big", "fast"],
      fast: ["openai:https://llm.example.com/v1#small:7b", "default"],
      big: ["bedrock:eu.amazon.nova-pro-v1:0", "default"],
      default: "bedrock:eu.amazon.nova-micro-v1:0",
    };
    const big = { backend: "bedrock", model: "eu.amazon.nova-pro-v1:0" };
    expect(await load({ models })).toMatchObject({
      models: { best: [SMALL, NOVA, big], fast: [SMALL, NOVA], big: [big, NOVA], default: [NOVA] },
    });
  });

  test("none at all: Nova Micro through the profile of the Region", async () => {
    expect(await load({ models: {} })).toMatchObject({ models: { default: [NOVA] } });
  });

  test.each([
    ["us-east-1", "us.amazon.nova-micro-v1:0"],
    ["us-gov-west-1", "amazon.nova-micro-v1:0"],
    ["eu-west-2", "amazon.nova-micro-v1:0"],
    ["ap-southeast-3", "apac.amazon.nova-micro-v1:0"],
  ])("none at all in %s: %s", async (region, model) => {
    expect(await load({}, region)).toMatchObject({ models: { default: [{ backend: "bedrock", model }] } });
  });

  test.each(["us-gov-east-1", "us-west-1", "ca-central-1", "sa-east-1", "me-south-1", "af-south-1"])(
    "none at all in %s: there is no default to guess",
    async (region) => {
      expect(await load({}, region)).toMatchObject({ models: {} });
    },
  );

  test("an ARN of the gateway's Region", async () => {
    const model = "arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/abc123";
    expect(await load({ models: { default: `bedrock:${model}` } })).toMatchObject({
      models: { default: [{ backend: "bedrock", model }] },
    });
  });

  test.each([
    [
      { default: "bedrok:nova" },
      /models\.default "bedrok:nova": a model is bedrock:MODEL, .*/,
      "Did you mean bedrock:?",
    ],
    [{ default: "bedrock:" }, /models\.default "bedrock:": needs the id/, undefined],
    [
      { default: "bedrock:arn:aws:bedrock:us-east-1::foundation-model/amazon.nova-micro-v1:0" },
      /models\.default ".*": this model is in us-east-1, and the gateway in eu-west-1$/,
      undefined,
    ],
    [{ default: "echo:hello" }, /nothing comes after echo:/, undefined],
    [
      { default: ["echo:", "fats"], fast: "echo:" },
      /models\.default\[1\] "fats": there is no such alias/,
      "Did you mean fast?",
    ],
    [
      { default: ["a"], a: ["b", "echo:"], b: "default" },
      /a circle: default -> a -> b -> default/,
      "End each list with a model.",
    ],
    [{ default: "default" }, /a circle: default -> default/, "End each list with a model."],
    [
      { default: "constructor" },
      /"constructor": there is no such alias/,
      "A model is bedrock:MODEL, openai:URL#MODEL or echo:.",
    ],
    [{ default: "echo" }, /"echo": there is no such alias/, "Did you mean echo:?"],
    [{ default: "bedrok" }, /"bedrok": there is no such alias/, "Did you mean bedrock:?"],
    [
      { default: "defualt" },
      /"defualt": there is no such alias/,
      "A model is bedrock:MODEL, openai:URL#MODEL or echo:.",
    ],
    [
      { default: "amazon.nova-micro-v1:0" },
      /"amazon\.nova-micro-v1:0": a model is/,
      "Did you mean bedrock:amazon.nova-micro-v1:0?",
    ],
    [{ default: "https://llm.example.com/v1#m" }, /a model is/, "Put openai: before the URL."],
    [{ default: [] }, /llm-gw\.json:1:\d+: models\.default: may not be empty$/, undefined],
    [
      { default: "openai:https://llm.example.com/v1" },
      /models\.default: is not openai:URL#MODEL/,
      expect.stringContaining("openai:https://"),
    ],
    [{ default: "openai:ftp://llm.example.com#m" }, /models\.default: is not openai:URL#MODEL/, expect.any(String)],
    [{ default: 5 }, /models\.default 5: is no model, and no list of models/, undefined],
    [{ fast: "echo:" }, /one of the aliases has to be "default"/, undefined],
  ])("%o is refused", async (models, message, hint) => {
    await expect(load({ models })).rejects.toMatchObject({
      message: expect.stringMatching(message),
      hint,
      exitCode: 2,
    });
  });

  test("a key in a URL is refused, and not repeated", async () => {
    for (const url of ["https://me:canary@llm.example.com/v1", "https://llm.example.com/v1?key=canary"]) {
      const refused = load({ models: { default: `openai:${url}#m` } });
      await expect(refused).rejects.toMatchObject({
        message: expect.stringMatching(/neither a user, a password nor a query$/),
        hint: 'Name where the key is kept in "secrets".',
      });
    }
  });
});

describe("secrets", () => {
  const models = { default: "echo:", fast: "openai:https://llm.example.com/v1#small:7b" };
  const arn = "arn:aws:secretsmanager:eu-west-1:123456789012:secret:llm/key-aBcD12";

  test.each([
    ["ssm:/llm-gw/example-key", { source: "ssm", name: "/llm-gw/example-key" }],
    ["ssm:example.key", { source: "ssm", name: "example.key" }],
    ["secretsmanager:llm/key", { source: "secretsmanager", name: "llm/key" }],
    [`secretsmanager:${arn}`, { source: "secretsmanager", name: arn }],
    ["env:EXAMPLE_KEY", { source: "env", name: "EXAMPLE_KEY" }],
  ])("%s belongs to the models of its base URL", async (reference, key) => {
    for (const slash of ["", "/"]) {
      const secrets = { [`openai:https://llm.example.com/v1${slash}`]: reference };
      expect(await load({ models, secrets })).toMatchObject({
        models: { default: [{ backend: "echo" }], fast: [{ ...SMALL, key }] },
      });
    }
  });

  test.each([
    [
      "a base URL that no model has",
      "openai:https://llm.example.com/v2",
      "ssm:k",
      /no model has this base URL/,
      "Did you mean openai:https://llm.example.com/v1?",
    ],
    [
      "a key of another kind",
      "bedrock:nova",
      "ssm:k",
      /secrets\["bedrock:nova"\]: no model has this base URL/,
      "Known: openai:https://llm.example.com/v1.",
    ],
    ["no reference", undefined, "canary", /a secret is ssm:NAME, secretsmanager:NAME or env:NAME/, expect.any(String)],
    [
      "a path without its slash",
      undefined,
      "ssm:llm/canary",
      /no name of a parameter/,
      expect.stringContaining("begins with one"),
    ],
    [
      "a parameter of AWS",
      undefined,
      "ssm:/aws/reference/secretsmanager/canary",
      /reserved by AWS/,
      expect.stringContaining("secretsmanager:"),
    ],
    ["a secret's name with a space", undefined, "secretsmanager:my canary", /no name of a secret/, undefined],
    [
      "an ARN without its six characters",
      undefined,
      "secretsmanager:arn:aws:secretsmanager:eu-west-1:123456789012:secret:canary",
      /no full ARN/,
      expect.any(String),
    ],
    [
      "a secret elsewhere",
      undefined,
      `secretsmanager:${arn.replace("eu-west-1", "us-east-1")}`,
      /in us-east-1, and the gateway in eu-west-1/,
      undefined,
    ],
    ["a variable that is none", undefined, "env:1canary", /no name of an environment variable/, undefined],
  ])(
    "%s is refused, and its value not repeated",
    async (_title, key = "openai:https://llm.example.com/v1", value, message, hint) => {
      const refused = load({ models, secrets: { [key]: value } });
      await expect(refused).rejects.toMatchObject({
        message: expect.stringMatching(message),
        hint,
        exitCode: 2,
      });
      await expect(refused).rejects.not.toThrow("canary");
    },
  );

  test("two for one base URL are refused", async () => {
    const secrets = { "openai:https://llm.example.com/v1": "ssm:a", "openai:https://llm.example.com/v1/": "ssm:b" };
    await expect(load({ models, secrets })).rejects.toThrow("has another secret already");
  });
});

describe("limits", () => {
  const DEFAULTS = { defaultMaxTokens: 1024, maxTokens: 8192, promptBytes: 1_048_576 };

  test.each([
    [undefined, DEFAULTS],
    [{ maxTokens: 100 }, { ...DEFAULTS, defaultMaxTokens: 100, maxTokens: 100 }],
    [
      { defaultMaxTokens: 50, promptBytes: 1000 },
      { ...DEFAULTS, defaultMaxTokens: 50, promptBytes: 1000 },
    ],
  ])("%o", async (limits, complete) => {
    expect(await load({ limits })).toMatchObject({ limits: complete });
  });

  test.each([
    [{ defaultMaxTokens: 10_000 }, /limits\.defaultMaxTokens 10000: it is above limits\.maxTokens, which is 8192/],
    [{ maxTokens: 0 }, /limits\.maxTokens 0/],
    [{ promptBytes: 7_000_000 }, /limits\.promptBytes 7000000/],
    [{ maxToken: 5 }, /limits: unknown key "maxToken"/],
  ])("%o is refused", async (limits, message) => {
    await expect(load({ limits })).rejects.toThrow(message);
  });
});

test.each(["models", "secrets", "limits"])("code with %s is a copy of the built-in function", async (name) => {
  const own = { code: "app", runtime: "nodejs24.x", handler: "index.handler" };
  expect(await load({ function: own, [name]: {} })).toMatchObject({
    kind: "code",
    builtin: { models: { default: [NOVA] }, limits: { maxTokens: 8192 } },
  });
});
