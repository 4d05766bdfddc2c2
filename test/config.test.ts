import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { loadGateway } from "../src/config.ts";
import { temporaryFolder } from "./support/cli.ts";

const noProfile = async () => undefined;

test("an empty folder describes the built-in function with every default", async () => {
  const cwd = await temporaryFolder();
  expect(await loadGateway({}, { cwd, env: { AWS_REGION: "eu-west-1" } }, noProfile)).toEqual({
    name: "llm-gw",
    stage: "prod",
    region: "eu-west-1",
    local: false,
    directory: cwd,
    function: {
      source: {
        kind: "builtin",
        models: { default: [{ backend: "bedrock", model: "eu.amazon.nova-micro-v1:0" }] },
        limits: { defaultMaxTokens: 1024, maxTokens: 8192, promptBytes: 1_048_576 },
      },
      architecture: "arm64",
      timeout: 300,
      memory: 512,
      environment: {},
      logRetentionDays: 14,
    },
    routes: ["POST /inference", "POST /v1/chat/completions", "GET /v1/models", "GET /health"],
    auth: "iam",
    throttle: { rate: 10, burst: 20 },
    autoDeploy: false,
    accessLogs: false,
    tags: {},
  });
});

describe("precedence", () => {
  test("flag, then environment, then file, then default", async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, "llm-gw.json"), JSON.stringify({ name: "file", region: "eu-west-3" }));
    const load = (flags: object, env: Record<string, string>) => loadGateway({ ...flags }, { cwd, env }, noProfile);
    expect(await load({ name: "flag" }, { LLM_GW_NAME: "env" })).toMatchObject({ name: "flag" });
    expect(await load({}, { LLM_GW_NAME: "env" })).toMatchObject({ name: "env" });
    expect(await load({}, {})).toMatchObject({ name: "file", stage: "prod" });
  });

  test("the region: --region, AWS_REGION, AWS_DEFAULT_REGION, file, profile", async () => {
    const cwd = await temporaryFolder();
    const profile = async () => "ap-south-1";
    const region = async (flags: object, env: Record<string, string>) =>
      (await loadGateway({ ...flags }, { cwd, env }, profile)).region;
    const env = { AWS_REGION: "eu-west-1", AWS_DEFAULT_REGION: "eu-west-2" };
    expect(await region({ region: "us-east-2" }, env)).toBe("us-east-2");
    expect(await region({}, env)).toBe("eu-west-1");
    expect(await region({}, { AWS_DEFAULT_REGION: "eu-west-2" })).toBe("eu-west-2");
    expect(await region({}, {})).toBe("ap-south-1");
    await writeFile(join(cwd, "llm-gw.json"), '{"region":"eu-west-3"}');
    expect(await region({}, {})).toBe("eu-west-3");
  });

  test("a path in the file is relative to the file, one on the command line to the current folder", async () => {
    const cwd = await temporaryFolder();
    await mkdir(join(cwd, "conf"));
    const own = { runtime: "python3.13", handler: "app.handler" };
    await writeFile(join(cwd, "conf", "gw.json"), JSON.stringify({ function: { code: "app", ...own } }));
    const io = { cwd, env: { AWS_REGION: "eu-west-1" } };
    const fromFile = await loadGateway({ config: "conf/gw.json" }, io, noProfile);
    expect(fromFile).toMatchObject({
      directory: join(cwd, "conf"),
      function: { source: { path: join(cwd, "conf", "app") } },
    });
    const fromFlag = await loadGateway({ config: "conf/gw.json", code: "other" }, io, noProfile);
    expect(fromFlag.function.source).toMatchObject({ path: join(cwd, "other") });
  });

  test("--env adds to the file's environment, and takes values from the environment", async () => {
    const cwd = await temporaryFolder();
    await writeFile(join(cwd, "llm-gw.json"), '{"function":{"environment":{"ONE":"1","TWO":"2"}}}');
    const env = { AWS_REGION: "eu-west-1", THREE: "3" };
    const { function: fn } = await loadGateway({ env: ["TWO=zwei", "THREE"] }, { cwd, env }, noProfile);
    expect(fn.environment).toEqual({ ONE: "1", TWO: "zwei", THREE: "3" });
  });
});

test("routes: as configured, else one for your own code", async () => {
  const cwd = await temporaryFolder();
  const own = { code: "app", runtime: "python3.13", handler: "app.handler" };
  await writeFile(join(cwd, "llm-gw.json"), JSON.stringify({ function: own }));
  const io = { cwd, env: { AWS_REGION: "eu-west-1" } };
  expect(await loadGateway({}, io, noProfile)).toMatchObject({ routes: ["POST /inference"] });
  expect(await loadGateway({ route: ["POST /ask"] }, io, noProfile)).toMatchObject({ routes: ["POST /ask"] });
});
