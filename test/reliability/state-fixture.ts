// A gateway with its state file, and what must be true of a run that finds that file in a bad way.
import { join } from "node:path";
import { beforeAll, expect } from "vitest";
import type { Snapshot } from "../../src/local/regions.ts";
import { describeAccount } from "../matrix/account.ts";
import { describeState } from "../matrix/prepared.ts";
import { ENVIRONMENT_SECRET, secretsIn } from "../matrix/secrets.ts";
import { inWorld, type Run, type World } from "../matrix/world.ts";

export const STATE = "llm-gw-prod-local.json";
const JSON_LOCAL = ["--local", "--json"];
export const COMMANDS = {
  deploy: ["deploy", ...JSON_LOCAL],
  destroy: ["destroy", "--yes", ...JSON_LOCAL],
  status: ["status", ...JSON_LOCAL],
  invoke: ["invoke", "--prompt", "hello", ...JSON_LOCAL],
};
export const CONFIG = {
  function: { environment: { STATE_SECRET: ENVIRONMENT_SECRET } },
  models: { default: "echo:" },
};
export const CHANGED = ["deploy", "--memory", "1024", ...JSON_LOCAL];

/** A deployed gateway, and its state file. */
export let deployed: { readonly account: Snapshot; readonly text: string; readonly state: unknown };

/** Deploys it once for all tests of the file. */
export function oneGatewayForAllTests(): void {
  beforeAll(async () => {
    deployed = await inWorld(undefined, async (world) => {
      await world.configure(CONFIG);
      expect(await world.run(COMMANDS.deploy)).toMatchObject({ code: 0 });
      const account = world.aws.save();
      const files = await world.stateFiles();
      return { account, text: files.get(STATE) ?? "", state: describeState(files, account) };
    });
  });
}

/** With the deployed gateway and its state file in a folder. */
export function withGateway<T>(work: (world: World, path: string) => Promise<T>): Promise<T> {
  return inWorld(deployed.account, async (world) => {
    await world.configure(CONFIG);
    await world.setStateFiles(new Map([[STATE, deployed.text]]));
    return work(world, join(world.folder, ".llm-gw", STATE));
  });
}

export function errorOf({ stdout }: Run): { readonly code: string; readonly message: string; readonly hint?: string } {
  return JSON.parse(stdout).error;
}

/** The run ends with this one error, which says what to do, and has changed nothing. */
export async function refuses(world: World, command: keyof typeof COMMANDS, code: string): Promise<void> {
  await world.aws.calls();
  const run = await world.run([...COMMANDS[command], "--verbose"]);
  expect(run, command).toMatchObject({ code: 1, stdout: expect.stringContaining(`"code":"${code}"`) });
  expect(errorOf(run).hint, command).toMatch(/\w/);
  const { stdout, stderr } = run;
  expect(secretsIn({ stdout, stderr }), command).toEqual([]);
  expect(await world.aws.mutations()).toEqual([]);
  expect(describeAccount(world.aws.save())).toEqual(describeAccount(deployed.account));
}

/** A change is deployed, and remembered as if nothing had happened. */
export async function deploysAChange(world: World): Promise<void> {
  const run = await world.run(CHANGED);
  expect(run).toMatchObject({ code: 0, stderr: expect.stringContaining("~ lambda.function") });
  const { summary } = JSON.parse(run.stdout);
  expect(summary).toMatchObject({ created: 0, updated: 1, unchanged: 12 });
  const { stdout, stderr } = run;
  expect(secretsIn({ stdout, stderr, ...Object.fromEntries(await world.stateFiles()) })).toEqual([]);
}

/** The file knows what the one of the untouched gateway knows. */
export async function remembersAll(world: World): Promise<void> {
  expect(describeState(await world.stateFiles(), world.aws.save())).toEqual(deployed.state);
}
