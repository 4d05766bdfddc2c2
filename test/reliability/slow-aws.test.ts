// An AWS that takes its time: what a run waits for, how it says so, and that it makes nothing twice meanwhile.
import { beforeAll, describe, expect, test } from "vitest";
import { describeAccount } from "../matrix/account.ts";
import { aws, deployedAccount, freshAccountForEachTest, machine, operations } from "./support.ts";

let whole: unknown;
beforeAll(async () => {
  whole = await deployedAccount();
});
freshAccountForEachTest();

const account = () => describeAccount(aws.save());

describe.each([0, 5_000, 60_000])("a role is assumable after %i ms", (rolePropagationMs) => {
  test("the function waits for it", async () => {
    await aws.timing({ rolePropagationMs });
    const { run } = await machine();
    const { code, stderr } = await run("deploy");
    expect(code).toBe(0);
    expect(stderr.includes("llm-gw-prod: waiting for the new role to become assumable by Lambda")).toBe(
      rolePropagationMs > 0,
    );
    expect(account()).toEqual(whole);
  });
});

test("a function is Pending for a minute, and so is a change of it", async () => {
  await aws.timing({ functionSettleMs: 60_000 });
  const { run } = await machine();
  const waited = { code: 0, stderr: expect.stringContaining("waiting for function llm-gw-prod to become active") };
  expect(await run("deploy")).toMatchObject(waited);
  expect(await run("deploy", "--memory", "1024")).toMatchObject(waited);
});

test("a function that is Pending is deleted once Lambda accepts it", async () => {
  await aws.timing({ functionSettleMs: 60_000 });
  const { run } = await machine();
  await aws.faults({ operation: "GetFunctionConfiguration", nth: 1, times: 100, effect: "before", ...denied });
  expect(await run("deploy")).toMatchObject({ code: 1 });
  await aws.faults();
  const waited = "waiting for function llm-gw-prod to accept its deletion";
  expect(await run("destroy", "--yes")).toMatchObject({ code: 0, stderr: expect.stringContaining(waited) });
  expect(account()).toEqual([]);
});

test("a deployment is PENDING for half a minute", async () => {
  await aws.timing({ deploymentMs: 30_000 });
  const { run } = await machine();
  const waited = "waiting for API Gateway to finish the deployment";
  expect(await run("deploy")).toMatchObject({ code: 0, stderr: expect.stringContaining(waited) });
});

describe("reads miss for 3 s what was made, changed or deleted", () => {
  const wait = (what: string) => expect.stringContaining(`waiting for AWS to show ${what}`);
  test("a gateway is deployed with one call for each thing, found by another machine, and removed", async () => {
    await aws.timing({ readLagMs: 3_000 });
    const [here, there] = [await machine(), await machine()];
    expect(await here.run("deploy")).toMatchObject({ code: 0, stderr: wait("everything that was made") });
    // There are four routes.
    expect(repeated(await operations())).toEqual(["CreateRoute", "CreateRoute", "CreateRoute"]);
    expect(account()).toEqual(whole);
    const again = await there.run("deploy", "--json");
    expect(JSON.parse(again.stdout)).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
    expect(await there.run("destroy", "--yes")).toMatchObject({ code: 0, stderr: wait("that nothing of it is left") });
    expect(account()).toEqual([]);
  });

  test.each(["CreateApi", "CreateIntegration"])(
    "the answer to %s is lost: nothing is made twice",
    async (operation) => {
      await aws.timing({ readLagMs: 3_000 });
      const { run } = await machine();
      await aws.faults({ operation, nth: 1, effect: "after", kind: "drop" });
      expect(await run("deploy")).toMatchObject({ code: 0, stderr: wait("whether it was made") });
      expect((await operations()).filter((name) => name === operation)).toHaveLength(1);
      expect(account()).toEqual(whole);
    },
  );

  test("the answer to CreateDeployment is lost: another is made, and the first goes", async () => {
    await aws.timing({ readLagMs: 3_000 });
    const { run } = await machine();
    await aws.faults({ operation: "CreateDeployment", nth: 1, effect: "after", kind: "drop" });
    expect(await run("deploy")).toMatchObject({ code: 0 });
    expect(account()).toEqual(whole);
  });

  test.each(["CreateApi", "CreateIntegration", "CreateDeployment"])(
    "%s never got through: it is sent again",
    async (operation) => {
      await aws.timing({ readLagMs: 3_000 });
      const { run } = await machine();
      await aws.faults({ operation, nth: 1, effect: "before", kind: "drop" });
      expect(await run("deploy")).toMatchObject({ code: 0 });
      expect(account()).toEqual(whole);
    },
  );

  test("two machines at once each see the other's API in the end, and keep one", async () => {
    await aws.timing({ readLagMs: 3_000 });
    const machines = [await machine(), await machine()];
    const runs = await Promise.all(machines.map(({ run }) => run("deploy", "--json")));
    expect(runs.map(({ code }) => code)).toEqual([0, 0]);
    const [one, other] = runs.map(({ stdout }) => JSON.parse(stdout).endpoint);
    expect(one).toBe(other);
    // A second, equal deployment that came within the last 3 s was shown to neither: the next run that sees it removes it.
    await aws.timing({ readLagMs: 0 });
    const third = await machine();
    expect(await third.run("deploy")).toMatchObject({ code: 0 });
    expect(account()).toEqual(whole);
  });
});

test("reads miss for a minute what was made, which is longer than any read is repeated", async () => {
  await aws.timing({ readLagMs: 60_000 });
  const { run } = await machine();
  const { code, stdout } = await run("deploy", "--json");
  if (code !== 0) expect(JSON.parse(stdout)).toMatchObject({ error: { code: "Overtaken" } });
  await aws.timing({ readLagMs: 0 });
  expect(await run("deploy")).toMatchObject({ code: 0 });
  expect(account()).toEqual(whole);
});

const denied = { kind: "error", status: 403, code: "AccessDeniedException", message: "no" } as const;

function repeated(names: readonly string[]): string[] {
  return names.filter((name, n) => names.indexOf(name) !== n);
}
