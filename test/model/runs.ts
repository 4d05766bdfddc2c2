// The command lines of the model, and what must be true after each.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describeAccount } from "../matrix/account.ts";
import { describeState } from "../matrix/prepared.ts";
import { differences, shownSecrets } from "../matrix/scenario.ts";
import type { Run } from "../matrix/world.ts";
import type { Model, Real } from "./commands.ts";
import { CONFIGURATIONS, DEPLOY, describeGateway } from "./configurations.ts";
import { describeStrangers } from "./strangers.ts";

/** Runs something, and demands what is true of every run, however it ends: what is a stranger's stays, no secret shows. */
export async function observed<T extends Run | readonly Run[]>(real: Real, start: () => Promise<T>): Promise<T> {
  const { world, past } = real;
  const before = describeStrangers(world.aws.save());
  const ended = await start();
  const runs: readonly Run[] = [ended].flat();
  const account = world.aws.save();
  const files = await world.stateFiles();
  past.push(files);
  demand([
    ...differences("what is a stranger's", describeStrangers(account), before),
    ...runs.flatMap((run) => shownSecrets(world, run, files, account)),
    ...runs.flatMap((run) => (run.code === 1 && !errorOf(run).hint ? [`an error without a hint: ${run.stderr}`] : [])),
  ]);
  return ended;
}

/** After a deploy that nothing may have stopped but a stranger. */
export async function deployed(model: Model, real: Real, run: Run): Promise<void> {
  accountDeployed(model, real, run);
  if (model.strangers.size > 0) return;
  const state = describeState(await real.world.stateFiles(), real.world.aws.save());
  demand(differences("the state file", state, real.ideals.of.get(model.configuration)?.state));
}

function accountDeployed(model: Model, { world, ideals }: Real, run: Run): void {
  const ended = `deploy ended with ${run.code}: ${run.stderr}`;
  if (model.strangers.size > 0) {
    demand(isRefused(model, run) ? [] : [`strangers were not noticed: ${ended}`]);
  } else {
    const account = describeGateway(world.aws.save());
    demand([
      ...(run.code === 0 ? [] : [ended]),
      ...differences("the account", account, ideals.of.get(model.configuration)?.account),
    ]);
  }
}

/** Whether a deploy ended as it has to when a stranger has a name of ours. */
function isRefused({ strangers }: Model, run: Run): boolean {
  return strangers.size > 0 && run.code === 1 && errorOf(run).code === "NotOwned";
}

/** After a destroy that nothing may have stopped. */
export async function destroyed({ world }: Real, run: Run): Promise<void> {
  const account = world.aws.save();
  demand([
    ...(run.code === 0 ? [] : [`destroy ended with ${run.code}: ${run.stderr}`]),
    ...differences("the account", describeAccount(account), describeStrangers(account)),
    ...[...(await world.stateFiles()).keys()].map((name) => `the file ${name} is left`),
  ]);
}

/**
 * The same from two folders at once, one of which knows nothing of the gateway. What one run has made and remembers,
 * the other may remove as a duplicate when the first has ended: only the account is as it should be.
 */
export async function twice(model: Model, real: Real): Promise<void> {
  const { world } = real;
  const other = await mkdtemp(join(tmpdir(), "llm-gw-model-"));
  try {
    await writeFile(join(other, "llm-gw.json"), JSON.stringify(CONFIGURATIONS[model.configuration]));
    const runs = await observed(real, () => Promise.all([world.run(DEPLOY), world.run(DEPLOY, other)]));
    for (const run of runs) accountDeployed(model, real, run);
  } finally {
    await rm(other, { recursive: true, force: true });
  }
}

export function errorOf({ stdout }: Run): { readonly code?: string; readonly hint?: string } {
  return JSON.parse(stdout).error;
}

function demand(problems: readonly string[]): void {
  if (problems.length > 0) throw new Error(problems.join("\n"));
}
