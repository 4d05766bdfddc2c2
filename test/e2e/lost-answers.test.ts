// Invariant 2: lose the answer to any call, or the process right after it, and the next deploy converges.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { EMPTY_ACCOUNT, inventory } from "../support/account.ts";
import { finished, llmGw, llmGwJson, start, temporaryFolder } from "../support/cli.ts";
import { startAws, type TestAws } from "../support/local-aws.ts";
import { startProxy } from "../support/proxy.ts";

let aws: TestAws;
let reference: Awaited<ReturnType<typeof inventory>>;
let changed: typeof reference;
const CHANGED = ["--memory", "1024", "--auth", "none", "--route", "POST /inference", "--route", "POST /ask"];

beforeAll(async () => {
  aws = await startAws();
  reference = await accountAfter([]);
  changed = await accountAfter([], CHANGED);
});
afterAll(() => aws.close());
afterEach(async () => {
  await destroyed();
  expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
});

/** What a run without faults leaves; then it is removed. */
async function accountAfter(...deploys: readonly string[][]): Promise<typeof reference> {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-reference-"));
  try {
    for (const flags of deploys) await llmGwJson(folder, aws.env, ["deploy", ...flags]);
    return await inventory(aws);
  } finally {
    await destroyed();
    await rm(folder, { recursive: true });
  }
}

/** Without a state file. */
async function destroyed(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-destroy-"));
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]).finally(() => rm(folder, { recursive: true }));
}

const WRITES = [
  "CreateRole",
  "PutRolePolicy",
  "AttachRolePolicy",
  "CreateLogGroup",
  "PutRetentionPolicy",
  "CreateFunction",
  "CreateApi",
  "CreateIntegration",
  "CreateRoute",
  "CreateDeployment",
  "CreateStage",
  "AddPermission",
];

test("these are the writes of a first deploy", async () => {
  const folder = await temporaryFolder();
  await aws.calls();
  await llmGwJson(folder, aws.env, ["deploy"]);
  const sent = (await aws.calls()).filter(({ mutating }) => mutating).map(({ operation }) => operation);
  // Of the four routes, each has its own.
  const routes = Array<string>(3).fill("CreateRoute");
  expect(sent.toSorted()).toEqual([...WRITES, ...routes].toSorted());
});

describe("the connection drops after the effect", () => {
  test.each(WRITES)("%s", async (operation) => {
    const folder = await temporaryFolder();
    await aws.faults({ operation, nth: 1, effect: "after", kind: "drop" });
    const run = await llmGw(folder, aws.env, ["deploy"]);
    await aws.faults();
    expect(run).toMatchObject({ code: 0 });
    expect(await inventory(aws)).toEqual(reference);
  });
});

describe("the process is killed after the effect", () => {
  const PATHS: Record<string, RegExp> = {
    CreateFunction: /^POST \/2015-03-31\/functions$/,
    CreateApi: /^POST \/v2\/apis$/,
    CreateIntegration: /^POST .*\/integrations$/,
    CreateRoute: /^POST .*\/routes$/,
    CreateDeployment: /^POST .*\/deployments$/,
    CreateStage: /^POST .*\/stages$/,
    AddPermission: /^POST .*\/policy$/,
  };

  test.each(WRITES)("%s", async (operation) => {
    const folder = await temporaryFolder();
    let kill = (): void => undefined;
    const endpoint = await startProxy(aws.url, (seen, reply, response) => {
      if (!(PATHS[operation]?.test(seen) ?? seen === operation)) return reply();
      kill();
      response.destroy();
    });
    const child = start(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
    kill = () => void child.kill("SIGKILL");
    expect(await finished(child)).toMatchObject({ code: null });
    await llmGwJson(folder, aws.env, ["deploy"]);
    expect(await inventory(aws)).toEqual(reference);
  });
});

describe("the connection drops after the effect of a write of an update", () => {
  test.each(["UpdateFunctionConfiguration", "UpdateRoute", "CreateRoute", "CreateDeployment", "UpdateStage"])(
    "%s",
    async (operation) => {
      const folder = await temporaryFolder();
      await llmGwJson(folder, aws.env, ["deploy"]);
      await aws.faults({ operation, nth: 1, effect: "after", kind: "drop" });
      const run = await llmGw(folder, aws.env, ["deploy", ...CHANGED]);
      await aws.faults();
      expect(run).toMatchObject({ code: 0 });
      expect(await inventory(aws)).toEqual(changed);
    },
  );
});

describe("the connection drops after the effect of a removal", () => {
  test.each(["DeleteApi", "DeleteFunction", "DetachRolePolicy", "DeleteRolePolicy", "DeleteRole", "DeleteLogGroup"])(
    "%s",
    async (operation) => {
      const folder = await temporaryFolder();
      await llmGwJson(folder, aws.env, ["deploy"]);
      await aws.faults({ operation, nth: 1, effect: "after", kind: "drop" });
      const run = await llmGw(folder, aws.env, ["destroy", "--yes"]);
      await aws.faults();
      expect(run).toMatchObject({ code: 0 });
      expect(await inventory(aws)).toEqual(EMPTY_ACCOUNT);
    },
  );
});

test("Ctrl-C finishes the call in flight, keeps what was done and exits with 130", async () => {
  const folder = await temporaryFolder();
  let interrupt = (): void => undefined;
  const endpoint = await startProxy(aws.url, (seen, reply) => {
    if (seen === "CreateRole") interrupt();
    reply();
  });
  const child = start(folder, { ...aws.env, AWS_ENDPOINT_URL: endpoint }, ["deploy"]);
  interrupt = () => void child.kill("SIGINT");
  expect(await finished(child)).toMatchObject({ code: 130, stderr: expect.stringContaining("error: interrupted") });
  await llmGwJson(folder, aws.env, ["deploy"]);
  expect(await inventory(aws)).toEqual(reference);
});
