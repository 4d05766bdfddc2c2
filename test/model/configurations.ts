// What can be deployed, and what each looks like in an account where nothing ever went wrong.
import { copyOf } from "../../src/local/copy.ts";
import type { Snapshot } from "../../src/local/regions.ts";
import { describeAccount } from "../matrix/account.ts";
import { describeState } from "../matrix/prepared.ts";
import { CHANGED_SECRET, ENVIRONMENT_SECRET, MODEL_SECRET } from "../matrix/secrets.ts";
import { inWorld, type StateFiles } from "../matrix/world.ts";
import { makeNeighbours } from "./strangers.ts";

const COMMON = ["--local", "--json", "--verbose"];
export const DEPLOY: readonly string[] = ["deploy", "--env", "OPENAI_API_KEY", ...COMMON];
export const DESTROY: readonly string[] = ["destroy", "--yes", ...COMMON];

const MODELS = { default: `openai:https://${MODEL_SECRET}.invalid/v1#small` };
const FUNCTION = { environment: { MODEL_TEST_SECRET: ENVIRONMENT_SECRET }, logRetentionDays: 14 };
const BASE = { region: "eu-west-1", function: FUNCTION, models: MODELS, tags: { team: "a", old: "x" } };

export const CONFIGURATIONS = {
  plain: BASE,
  "other settings": {
    ...BASE,
    function: { environment: { OTHER: CHANGED_SECRET }, memory: 1024, timeout: 20, logRetentionDays: 0 },
    models: { ...MODELS, nova: "bedrock:eu.amazon.nova-micro-v1:0" },
    throttle: { rate: 5, burst: 7 },
    tags: { team: "b", new: "y" },
  },
  "two routes": { ...BASE, routes: ["POST /inference", "POST /ask"] },
  "another route": { ...BASE, routes: ["POST /other"] },
  autoDeploy: { ...BASE, autoDeploy: true },
} as const;

export type ConfigurationName = keyof typeof CONFIGURATIONS;
export const CONFIGURATION_NAMES = Object.keys(CONFIGURATIONS).filter(
  (name): name is ConfigurationName => name in CONFIGURATIONS,
);

/** A call that deploy or destroy makes. */
interface Operation {
  readonly service: string;
  readonly operation: string;
}

interface Ideal {
  readonly account: unknown;
  readonly state: unknown;
}

/** What sequences start from, and what they are compared with. */
export interface Ideals {
  /** With nothing but strangers in it. */
  readonly empty: Snapshot;
  /** With the plain gateway, and its state files. */
  readonly deployed: { readonly account: Snapshot; readonly files: StateFiles };
  /** What an account without a gateway looks like. */
  readonly nothing: unknown;
  readonly of: ReadonlyMap<ConfigurationName, Ideal>;
  /** Every call that was made, once and in order. */
  readonly operations: readonly Operation[];
}

/** Deploys every configuration once, without a fault, beside strangers. */
export async function prepareIdeals(): Promise<Ideals> {
  const empty = await inWorld(undefined, async ({ aws }) => {
    await makeNeighbours(aws);
    return aws.save();
  });
  const of = new Map<ConfigurationName, Ideal>();
  const operations = new Map<string, Operation>();
  let deployed: Ideals["deployed"] | undefined;
  for (const name of CONFIGURATION_NAMES) {
    await inWorld(empty, async (world) => {
      await world.configure(CONFIGURATIONS[name]);
      const run = await world.run(DEPLOY);
      if (run.code !== 0) throw new Error(`${name} cannot be deployed: ${run.stderr}`);
      const account = world.aws.save();
      const files = await world.stateFiles();
      deployed ??= { account, files };
      of.set(name, { account: describeGateway(account), state: describeState(files, account) });
      await world.run(DESTROY);
      for (const { service, operation } of await world.aws.calls()) {
        operations.set(`${service} ${operation}`, { service, operation });
      }
    });
  }
  if (deployed === undefined) throw new Error("there is no configuration");
  const inOrder = [...operations].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, operation]) => operation);
  return { empty, deployed, nothing: describeGateway(empty), of, operations: inOrder };
}

/**
 * The account without its history: releases that no stage serves any more stay for a rollback by hand, and a function's
 * log tells how often it ran.
 */
export function describeGateway(account: Snapshot): unknown {
  const current = copyOf(account);
  for (const { apis, logGroups } of current.values()) {
    for (const group of logGroups.values()) group.events.length = 0;
    for (const { stages, deployments } of apis.values()) {
      const served = new Set([...stages.values()].map(({ deploymentId }) => deploymentId));
      for (const id of deployments.keys()) if (!served.has(id)) deployments.delete(id);
    }
  }
  return describeAccount(current);
}
