// What can happen to a gateway, one thing at a time.
import type { AsyncCommand } from "fast-check";
import { type FaultName, faultKind } from "../matrix/faults.ts";
import type { RecordedCall } from "../matrix/prepared.ts";
import type { StateFiles, World } from "../matrix/world.ts";
import { CONFIGURATIONS, type ConfigurationName, DEPLOY, DESTROY, type Ideals } from "./configurations.ts";
import { makeSecondApi } from "./gateway.ts";
import { apply, DELETIONS, EDITS } from "./hands.ts";
import { deployed, destroyed, errorOf, observed, twice } from "./runs.ts";
import { STRANGERS, type StrangerName } from "./strangers.ts";

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
  /** The kinds of commands that were run. */
  readonly kinds: string[];
}

export type Command = AsyncCommand<Model, Real>;

function command(kind: string, details: string, run: Command["run"], check: Command["check"] = () => true): Command {
  return {
    check,
    async run(model, real) {
      real.kinds.push(kind);
      await run(model, real);
    },
    toString: () => `${kind} ${details}`.trim(),
  };
}

async function configure(configuration: ConfigurationName, model: Model, { world }: Real): Promise<void> {
  model.configuration = configuration;
  await world.configure(CONFIGURATIONS[configuration]);
}

export const deploy = (configuration: ConfigurationName) =>
  command("deploy", configuration, async (model, real) => {
    await configure(configuration, model, real);
    await deployed(model, real, await observed(real, () => real.world.run(DEPLOY)));
  });

export const destroy = () =>
  command("destroy", "", async (_model, real) => {
    await destroyed(real, await observed(real, () => real.world.run(DESTROY)));
  });

/** A run with a fault at one of its calls, if it makes that call. */
export const struck = (
  run: "deploy" | "destroy",
  configuration: ConfigurationName,
  call: RecordedCall,
  fault: FaultName,
) => {
  const details = `at ${call.service} ${call.operation} ${call.nth}, ${configuration}`;
  return command(`${run}, ${fault}`, details, async (model, real) => {
    await configure(configuration, model, real);
    const { world } = real;
    const ended = await observed(real, async () => {
      const struckRun = await faultKind(fault).strike(world, call, run === "deploy" ? DEPLOY : DESTROY);
      world.onLog = () => undefined;
      await world.aws.faults();
      return struckRun;
    });
    // It may end so, whatever it has done by then.
    const mayEnd = ended.code !== 0 && faultKind(fault).ends?.includes(ended.code);
    if (mayEnd && (ended.code !== 1 || errorOf(ended).code === "AccessDenied")) return;
    if (run === "destroy") await destroyed(real, ended);
    else await deployed(model, real, ended);
  });
};

export const deployTwice = (configuration: ConfigurationName) =>
  command("deploy on two machines at once", configuration, async (model, real) => {
    await configure(configuration, model, real);
    await twice(model, real);
  });

/** No hand can tell a stranger's thing from ours by its name. */
const isOursAlone = ({ strangers }: Readonly<Model>) => strangers.size === 0;

export const edit = (name: string) =>
  command("edit by hand:", name, (_model, { world }) => apply(EDITS[name], world.aws), isOursAlone);

export const deleteByHand = (name: string) =>
  command("delete by hand:", name, (_model, { world }) => apply(DELETIONS[name], world.aws), isOursAlone);

export const loseState = () => command("lose the state", "", (_model, { world }) => world.setStateFiles(new Map()));

/** Nobody has a state from before either: who remembers the first API does not search for a second one. */
export const secondApi = () =>
  command(
    "a second API, and lose the state",
    "",
    async (_model, { world, past }) => {
      await makeSecondApi(world.aws);
      await world.setStateFiles(new Map());
      past.splice(0, past.length, new Map());
    },
    isOursAlone,
  );

/** Counted in runs back from now. */
export const oldState = (age: number) =>
  command("take an old state", `from ${age} runs before the last`, async (_model, { world, past }) => {
    await world.setStateFiles(past.at(-1 - (age % past.length)) ?? new Map());
  });

export const comes = (name: StrangerName) =>
  command(
    "a stranger takes a name:",
    name,
    async ({ strangers }, { world }) => {
      await STRANGERS[name].take(world.aws);
      strangers.add(name);
    },
    ({ strangers }) => !strangers.has(name),
  );

export const leaves = (name: StrangerName) =>
  command(
    "a stranger leaves a name:",
    name,
    async ({ strangers }, { world }) => {
      await STRANGERS[name].leave(world.aws);
      strangers.delete(name);
    },
    ({ strangers }) => strangers.has(name),
  );
