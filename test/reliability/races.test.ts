// Runs on several machines that meet at every moment: in this process, so that many moments can be tried.
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import type { Snapshot } from "../../src/local/regions.ts";
import { describeAccount } from "../matrix/account.ts";
import type { Run } from "../matrix/world.ts";
import {
  afterAnswers,
  afterCalls,
  afterWrites,
  aws,
  deployedAccount,
  freshAccountForEachTest,
  machine,
} from "./support.ts";

const FIRST = ["--memory", "1024", "--route", "POST /inference", "--route", "POST /ask"];
const SECOND = ["--auth", "none", "--env", "COLOUR=green"];
/** A deploy makes about 40 calls; the last of these moments are after its end. */
const MOMENTS = [1, 6, 11, 16, 21, 26, 31, 36, 41];

let whole: unknown;
let second: unknown;
beforeAll(async () => {
  whole = await deployedAccount();
  second = await deployedAccount(...SECOND);
});
freshAccountForEachTest();

const account = () => describeAccount(aws.save());

/** A run may give up because of the other one, and says so in its own words. */
function endsInItsOwnWords({ code, stdout }: Run): void {
  if (code === 0) return;
  expect(JSON.parse(stdout).error).toMatchObject({ code: expect.stringMatching(/^(Overtaken|Timeout)$/) });
}

describe("a destroy begins during a deploy: there is a whole gateway or none after one more run", () => {
  test.each(MOMENTS)("at its call %i", async (n) => {
    const [here, there] = [await machine(), await machine()];
    const deploying = here.run("deploy", "--json");
    const destroying = afterCalls(n, deploying, () => there.run("destroy", "--yes", "--json"));
    for (const run of await Promise.all([deploying, destroying])) endsInItsOwnWords(run);
    const isDeployed = n % 2 === 0;
    expect(await (isDeployed ? here.run("deploy") : there.run("destroy", "--yes"))).toMatchObject({ code: 0 });
    expect(account()).toEqual(isDeployed ? whole : []);
  });
});

describe("a deploy begins during a destroy: there is a whole gateway or none after one more run", () => {
  test.each(MOMENTS)("at its call %i", async (n) => {
    const [here, there] = [await machine(), await machine()];
    expect(await here.run("deploy")).toMatchObject({ code: 0 });
    const destroying = here.run("destroy", "--yes", "--json");
    const deploying = afterCalls(n, destroying, () => there.run("deploy", "--json"));
    for (const run of await Promise.all([deploying, destroying])) endsInItsOwnWords(run);
    const isDeployed = n % 2 === 0;
    expect(await (isDeployed ? here.run("deploy") : there.run("destroy", "--yes"))).toMatchObject({ code: 0 });
    expect(account()).toEqual(isDeployed ? whole : []);
  });
});

describe("two deploys of one configuration begin at different moments: both end with the same gateway", () => {
  test.each(MOMENTS)("the other at call %i", async (n) => {
    const [here, there] = [await machine(), await machine()];
    const one = here.run("deploy", "--json");
    const other = afterCalls(n, one, () => there.run("deploy", "--json"));
    const runs = await Promise.all([one, other]);
    expect(runs.filter(({ code }) => code !== 0)).toEqual([]);
    expect(account()).toEqual(whole);
    expect(new Set(runs.map(({ stdout }) => JSON.parse(stdout).endpoint)).size).toBe(1);
  });
});

describe("two deploys of different configurations: one more run makes it one of them", () => {
  test.each(MOMENTS)("the other at call %i", async (n) => {
    const [here, there] = [await machine(), await machine()];
    const one = here.run("deploy", "--json", ...FIRST);
    const other = afterCalls(n, one, () => there.run("deploy", "--json", ...SECOND));
    for (const run of await Promise.all([one, other])) endsInItsOwnWords(run);
    expect(await there.run("deploy", ...SECOND)).toMatchObject({ code: 0 });
    expect(withoutHistory(account())).toEqual(withoutHistory(second));
  });
});

describe("a route is opened by hand before the run takes its snapshot", () => {
  const open = () => aws.restore(withOpenRoutes(aws.save()));
  const unsigned = async (deployed: Run) => {
    const { endpoint } = JSON.parse(deployed.stdout);
    return (await fetch(endpoint, { method: "POST", body: '{"prompt":"x"}' })).status;
  };

  test("the run closes it, and serves no snapshot of it", async () => {
    const { run } = await machine();
    afterAnswers(1, / CreateRoute 2/, open);
    const deployed = await run("deploy", "--json", "--route", "POST /inference");
    expect([deployed.code, await unsigned(deployed)]).toEqual([0, 403]);
    expect(account()).toEqual(await deployedAccount("--route", "POST /inference"));
  });

  test("and the run ends before it has removed that snapshot: the next one does not trust it", async () => {
    const { run } = await machine();
    afterAnswers(1, / CreateRoute 2/, open);
    await aws.refuse("DeleteDeployment", 403, "AccessDeniedException", "no", { times: 1 });
    expect(await run("deploy", "--route", "POST /inference")).toMatchObject({ code: 1 });
    const deployed = await run("deploy", "--json", "--route", "POST /inference");
    expect([deployed.code, await unsigned(deployed)]).toEqual([0, 403]);
    expect(account()).toEqual(await deployedAccount("--route", "POST /inference"));
  });
});

test("eight machines at once, where reads miss for 3 s what was made, end with one gateway", async () => {
  await aws.timing({ readLagMs: 3_000 });
  const machines = await Promise.all(Array.from({ length: 8 }, machine));
  const runs = await Promise.all(machines.map(({ run }) => run("deploy", "--json")));
  for (const run of runs) endsInItsOwnWords(run);
  expect(runs.some(({ code }) => code === 0)).toBe(true);
  await aws.timing({ readLagMs: 0 });
  expect(await machines[0]?.run("deploy")).toMatchObject({ code: 0 });
  expect(account()).toEqual(whole);
});

test("an equal API that another run put in the place of this run's is the one it reports and remembers", async () => {
  const { folder, run } = await machine();
  afterWrites(12, () => aws.restore(withOtherApiId(aws.save(), "otherid001")));
  const { code, stdout } = await run("deploy", "--json");
  expect(code).toBe(0);
  expect(JSON.parse(stdout).endpoint).toContain("/otherid001/");
  expect(await readFile(join(folder, ".llm-gw", "llm-gw-prod-local.json"), "utf8")).toContain('"otherid001"');
});

function withOtherApiId(account: Snapshot, apiId: string): Snapshot {
  return new Map(
    [...account].map(([region, { apis, functions, ...rest }]) => {
      const [api] = apis.values();
      const [fn] = functions.values();
      if (api === undefined || fn === undefined) throw new Error("there is no gateway yet");
      const policy = JSON.parse(JSON.stringify(fn.policy).replaceAll(api.apiId, apiId));
      const others = {
        apis: new Map([[apiId, { ...api, apiId }]]),
        functions: new Map([[fn.name, { ...fn, policy }]]),
      };
      return [region, { ...rest, ...others }];
    }),
  );
}

function withOpenRoutes(account: Snapshot): Snapshot {
  const isOpen = (_key: string, value: unknown) => (value === "AWS_IAM" ? "NONE" : value);
  return new Map(
    [...account].map(([region, { apis, ...rest }]) => {
      const opened = [...apis].map(([id, api]) => {
        const routes = [...api.routes].map(
          ([routeId, route]) => [routeId, JSON.parse(JSON.stringify(route, isOpen))] as const,
        );
        return [id, { ...api, routes: new Map(routes) }] as const;
      });
      return [region, { ...rest, apis: new Map(opened) }];
    }),
  );
}

/** But for earlier deployments of the API, of whichever run, and the log of the calls that found the endpoint ready. */
function withoutHistory(value: unknown): unknown {
  const isHistory = (key: string) => key === "deployments" || key === "messages";
  return JSON.parse(JSON.stringify(value, (key, item) => (isHistory(key) ? undefined : item)));
}
