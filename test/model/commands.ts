// What can happen to a gateway, one thing at a time.
import fc, { type AsyncCommand } from "fast-check";
import { FAULT_NAMES, type FaultName, faultKind } from "../matrix/faults.ts";
import type { StateFiles, World } from "../matrix/world.ts";
import { CONFIGURATION_NAMES, CONFIGURATIONS, type ConfigurationName, type Ideals } from "./configurations.ts";
import { apply, DELETIONS, EDITS } from "./hands.ts";
import { DEPLOY, DESTROY, deployed, destroyed, isRefused, observed, twice } from "./runs.ts";
import { STRANGER_NAMES, STRANGERS, type StrangerName } from "./strangers.ts";

/** What decides how a run has to end, and does not lie in the account. */
export interface Model {
  /** What llm-gw.json asks for. */
  configuration: ConfigurationName;
  /** Whose names strangers have taken: until they leave, nothing can be deployed. */
  readonly strangers: Set<StrangerName>;
}

export interface Real {
  readonly world: World;
  readonly ideals: Ideals;
  /** What the state folder held at the start and after each run, oldest first. */
  readonly past: StateFiles[];
}

export type Command = AsyncCommand<Model, Real>;

function command(
  name: string,
  run: (model: Model, real: Real) => Promise<void>,
  check = (_model: Model) => true,
): Command {
  return { check, run, toString: () => name };
}

async function configure(configuration: ConfigurationName, model: Model, { world }: Real): Promise<void> {
  model.configuration = configuration;
  await world.configure(CONFIGURATIONS[configuration]);
}

/** Only what AWS and a network may do at any moment, and what does not wait for long. */
export const STRIKES: readonly FaultName[] = FAULT_NAMES.filter(
  (name) => name !== "hang" && name !== "429 three times",
);

export const deploy = (configuration: ConfigurationName) =>
  command(`deploy ${configuration}`, async (model, real) => {
    await configure(configuration, model, real);
    await deployed(model, real, await observed(real, () => real.world.run(DEPLOY)));
  });

export const destroy = () =>
  command("destroy", async (_model, real) => {
    await destroyed(real, await observed(real, () => real.world.run(DESTROY)));
  });

/** `operation` counts in the list of all that are known, which has them all at its end again. */
export const struck = (
  args: readonly string[],
  configuration: ConfigurationName,
  operation: number,
  fault: FaultName,
) =>
  command(`${args[0]} ${configuration}, ${fault} at operation ${operation}`, async (model, real) => {
    await configure(configuration, model, real);
    const { world, ideals } = real;
    const called = ideals.operations[operation % ideals.operations.length];
    if (called === undefined) throw new Error("no operation is known");
    const run = await observed(real, async () => {
      const ended = await faultKind(fault).strike(world, { ...called, nth: 1 }, args);
      world.onLog = () => undefined;
      await world.aws.faults();
      return ended;
    });
    if (run.code !== 0 && faultKind(fault).ends?.includes(run.code)) return;
    if (args === DESTROY) await destroyed(real, run);
    else if (!isRefused(model, run)) await deployed(model, real, run);
  });

export const deployTwice = (configuration: ConfigurationName) =>
  command(`deploy ${configuration} on two machines at once`, async (model, real) => {
    await configure(configuration, model, real);
    await twice(model, real);
  });

/** No hand can tell a stranger's thing from ours by its name. */
const isOursAlone = ({ strangers }: Model) => strangers.size === 0;

export const edit = (name: string) => command(name, (_model, { world }) => apply(EDITS[name], world.aws), isOursAlone);

export const deleteByHand = (name: string) =>
  command(`delete ${name}`, (_model, { world }) => apply(DELETIONS[name], world.aws), isOursAlone);

export const loseState = () => command("lose the state", (_model, { world }) => world.setStateFiles(new Map()));

export const oldState = (age: number) =>
  command(`take the state from ${age} runs ago`, async (_model, { world, past }) => {
    await world.setStateFiles(past.at(-1 - (age % past.length)) ?? new Map());
  });

export const comes = (name: StrangerName) =>
  command(
    `a stranger takes the name of the ${name}`,
    async ({ strangers }, { world }) => {
      await STRANGERS[name].take(world.aws);
      strangers.add(name);
    },
    ({ strangers }) => !strangers.has(name),
  );

export const leaves = (name: StrangerName) =>
  command(
    `the stranger leaves the name of the ${name}`,
    async ({ strangers }, { world }) => {
      await STRANGERS[name].leave(world.aws);
      strangers.delete(name);
    },
    ({ strangers }) => strangers.has(name),
  );

const configuration = fc.constantFrom(...CONFIGURATION_NAMES);
const operation = fc.nat(99);
const isProcess = (fault: FaultName) => fault.startsWith("SIG");
// A process of its own takes ten times as long.
const fault = fc.oneof(
  { weight: 4, arbitrary: fc.constantFrom(...STRIKES.filter((name) => !isProcess(name))) },
  { weight: 1, arbitrary: fc.constantFrom(...STRIKES.filter(isProcess)) },
);
const stranger = fc.constantFrom(...STRANGER_NAMES);
const hand = fc.oneof(
  fc.constantFrom(...Object.keys(EDITS)).map(edit),
  fc.constantFrom(...Object.keys(DELETIONS)).map(deleteByHand),
);

/** One of these is drawn each time; what stands here twice comes twice as often. */
export const COMMANDS: fc.Arbitrary<Command>[] = [
  configuration.map(deploy),
  fc.tuple(configuration, operation, fault).map((drawn) => struck(DEPLOY, ...drawn)),
  fc.tuple(configuration, operation, fault).map((drawn) => struck(DEPLOY, ...drawn)),
  fc.tuple(configuration, operation, fault).map((drawn) => struck(DESTROY, ...drawn)),
  fc.constant(destroy()),
  configuration.map(deployTwice),
  hand,
  hand,
  hand,
  fc.oneof(fc.constant(loseState()), fc.nat(3).map(oldState)),
  fc.oneof(stranger.map(comes), stranger.map(leaves)),
];
