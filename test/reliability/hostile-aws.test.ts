// An AWS that refuses: too many calls, other writers, quotas, listings of other people's things.
import { CreateApiCommand } from "@aws-sdk/client-apigatewayv2";
import { beforeAll, describe, expect, test } from "vitest";
import { describeAccount } from "../matrix/account.ts";
import { clients } from "../support/account.ts";
import { finished, start, temporaryFolder } from "../support/cli.ts";
import type { Fault } from "../support/served-aws.ts";
import { aws, deployedAccount, freshAccountForEachTest, machine, operations } from "./support.ts";

let whole: unknown;
beforeAll(async () => {
  whole = await deployedAccount();
});
freshAccountForEachTest();

const account = () => describeAccount(aws.save());
const CHANGED = ["--memory", "1024", "--auth", "none", "--route", "POST /ask"];

test("every tenth call is throttled: each pause says which call it is for", async () => {
  const { run } = await machine();
  const throttled = () =>
    aws.faults(
      ...Array.from({ length: 60 }, (_one, n): Fault => ({ nth: 10 * (n + 1), effect: "before", kind: "throttle" })),
    );
  const said = expect.stringMatching(
    /waiting for AWS to take more calls \((iam|lambda|logs|apigateway) [A-Z][A-Za-z]+\)/,
  );
  await throttled();
  expect(await run("deploy")).toMatchObject({ code: 0, stderr: said });
  expect(account()).toEqual(whole);
  await throttled();
  expect(await run("deploy", ...CHANGED)).toMatchObject({ code: 0, stderr: said });
  await throttled();
  expect(await run("destroy", "--yes")).toMatchObject({ code: 0 });
  expect(account()).toEqual([]);
});

describe("a service takes no call at all", () => {
  test.each(["iam", "lambda", "logs", "apigateway"])("%s: after a minute there is one error", async (service) => {
    const { run } = await machine();
    await aws.faults({ service, nth: 1, times: 10_000, effect: "before", kind: "throttle" });
    const start = Date.now();
    const { code, stdout, stderr } = await run("deploy", "--json");
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      error: { code: "Throttled", hint: expect.stringContaining("a minute") },
    });
    expect(stderr).toContain(`waiting for AWS to take more calls (${service} `);
    expect(Date.now() - start).toBeLessThan(180_000);
  });
});

test("Ctrl-C ends a pause between two attempts at once", async () => {
  await aws.faults({ service: "iam", nth: 1, times: 10_000, effect: "before", kind: "throttle" });
  const child = start(await temporaryFolder(), { LLM_GW_LOCAL_PORT: new URL(aws.url).port }, ["deploy", "--local"]);
  let isWaiting = false;
  child.stderr?.on("data", (text: Buffer) => {
    if (isWaiting || !text.toString("utf8").includes("waiting for AWS to take more calls (iam ")) return;
    isWaiting = true;
    child.kill("SIGINT");
  });
  expect(await finished(child)).toMatchObject({ code: 130, stderr: expect.stringContaining("error: interrupted") });
});

test("an API that is created while API Gateway takes no calls is created once", async () => {
  const { run } = await machine();
  await aws.faults({ operation: "CreateApi", nth: 1, times: 4, effect: "before", kind: "throttle" });
  const said = expect.stringContaining("waiting for AWS to take more calls (apigateway CreateApi)");
  expect(await run("deploy")).toMatchObject({ code: 0, stderr: said });
  expect(account()).toEqual(whole);
});

test("AWS does not answer for a while: the pauses say so", async () => {
  const { run } = await machine();
  await aws.faults({ operation: "GetRole", nth: 1, times: 3, effect: "before", kind: "drop" });
  const said = expect.stringContaining("waiting for AWS to answer (iam GetRole)");
  expect(await run("deploy")).toMatchObject({ code: 0, stderr: said });
});

test.each([400, 408])("a request that did not arrive in time, says AWS with %i, is sent again", async (status) => {
  const { run } = await machine();
  await aws.refuse("GetRole", status, "RequestTimeoutException", "Your socket was not read in time.", { times: 2 });
  const said = expect.stringContaining("waiting for AWS to answer (iam GetRole)");
  expect(await run("deploy")).toMatchObject({ code: 0, stderr: said });
});

test.each([
  ["CreateRole", 409, "LimitExceeded", "Cannot exceed quota for RolesPerAccount: 1000", "LimitExceeded"],
  ["CreateLogGroup", 400, "LimitExceededException", "Resource limit exceeded.", "LimitExceeded"],
  ["CreateApi", 429, "ConflictException", "Maximum number of APIs for this account has been reached.", "LimitExceeded"],
  ["CreateRoute", 409, "ConflictException", "Maximum number of Routes for this API has been reached.", "LimitExceeded"],
  ["AttachRolePolicy", 404, "NoSuchEntity", "Policy p does not exist or is not attachable.", "PolicyNotAttachable"],
])(
  "what no wait cures is not waited for: %s is answered with %i %s: %s",
  async (operation, status, name, says, code) => {
    const { run } = await machine();
    await aws.refuse(operation, status, name, says, { times: 100 });
    const { stdout, stderr, ...ended } = await run("deploy", "--json");
    expect(ended).toMatchObject({ code: 1 });
    expect(JSON.parse(stdout)).toMatchObject({ error: { code, message: expect.stringContaining(says) } });
    expect(stderr).not.toMatch(/waiting for (AWS to take more calls|another look)/);
    expect((await operations()).filter((one) => one === operation)).toHaveLength(1);
  },
);

test("a role that never becomes assumable: the error says so, and the run waited as long as it is worth", async () => {
  const { run } = await machine();
  const says = "The role defined for the function cannot be assumed by Lambda.";
  await aws.refuse("CreateFunction", 400, "InvalidParameterValueException", says, { times: 1_000 });
  const { code, stdout } = await run("deploy", "--json");
  expect([code, JSON.parse(stdout).error]).toEqual([
    1,
    expect.objectContaining({ code: "RoleNotAssumable", hint: expect.stringContaining("run the command again") }),
  ]);
});

describe('every write to the API is answered with "concurrent modification" once', () => {
  const conflict = {
    kind: "error",
    status: 409,
    code: "ConflictException",
    message: "Unable to complete operation due to concurrent modification. Please try again later.",
  } as const;
  const writes = ["Api", "Integration", "Route", "Deployment", "Stage"].flatMap((thing) =>
    ["Create", "Update", "Delete"].map((verb) => `${verb}${thing}`),
  );
  // The first, third, fifth call of each: the others are the same writes again.
  const faults = [...writes, "TagResource", "UntagResource"].flatMap((operation) =>
    [1, 3, 5].map((nth): Fault => ({ service: "apigateway", operation, nth, effect: "before", ...conflict })),
  );

  test("a gateway is deployed, changed and removed", async () => {
    const { run } = await machine();
    const said = { code: 0, stderr: expect.stringContaining("waiting for API Gateway to finish another change") };
    await aws.faults(...faults);
    expect(await run("deploy")).toMatchObject(said);
    expect(account()).toEqual(whole);
    await aws.faults(...faults);
    expect(await run("deploy", ...CHANGED)).toMatchObject(said);
    await aws.faults(...faults);
    expect(await run("destroy", "--yes")).toMatchObject(said);
    expect(account()).toEqual([]);
  });
});

describe.each([
  [1, 10],
  [25, 200],
])("pages of %i, and %i APIs of somebody else", (pageSize, count) => {
  test("ours is found on whatever page, and theirs stay", async () => {
    await aws.timing({ pageSize });
    await addForeignApis(count);
    const before = account();
    const [here, there] = [await machine(), await machine()];
    expect(await here.run("deploy")).toMatchObject({ code: 0 });
    const again = await there.run("deploy", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
    expect(await there.run("deploy", "--route", "POST /inference", "--route", "POST /ask")).toMatchObject({ code: 0 });
    expect(await here.run("destroy", "--yes")).toMatchObject({ code: 0 });
    expect(account()).toEqual(before);
  });
});

/** Some have nearly our name, and some all our tags but for the stage. */
async function addForeignApis(count: number): Promise<void> {
  const { apigateway } = clients({ ...aws, client: { ...aws.client, region: "us-east-1" } });
  for (const Tags of [{ team: "theirs" }, { "llm-gw:gateway": "llm-gw", "llm-gw:stage": "test" }]) {
    await apigateway.send(new CreateApiCommand({ Name: "llm-gw-prod-2", ProtocolType: "HTTP", Tags }));
  }
  const many = new Map(
    [...aws.save()].map(([region, { apis, ...rest }]) => {
      const copies = [...apis.values()].flatMap((api) =>
        Array.from({ length: count / 2 }, (_one, n) => ({ ...api, apiId: `${api.apiId}${n}` })),
      );
      return [region, { ...rest, apis: new Map(copies.map((api) => [api.apiId, api])) }];
    }),
  );
  aws.restore(many);
}

test("everything at once", async () => {
  await aws.timing({ timing: "hostile", latencyMs: 0, rolePropagationMs: 60_000, functionSettleMs: 60_000 });
  const { run } = await machine();
  await aws.faults(
    ...Array.from({ length: 60 }, (_one, n): Fault => ({ nth: 10 * (n + 1), effect: "after", kind: "drop" })),
  );
  expect(await run("deploy")).toMatchObject({ code: 0 });
  expect(account()).toEqual(whole);
  await aws.faults();
  expect(await run("destroy", "--yes")).toMatchObject({ code: 0 });
  expect(account()).toEqual([]);
});
