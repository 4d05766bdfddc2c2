// One sequence from beginning to end.
import fc from "fast-check";
import { inWorld } from "../matrix/world.ts";
import { COMMANDS, type Command, deploy, destroy, leaves, type Model, type Real } from "./commands.ts";
import { CONFIGURATIONS, type Ideals } from "./configurations.ts";

export type Start = "empty" | "deployed";

/** Enough for a mishap, what a hand makes of it, and another mishap. */
const MOST_COMMANDS = 6;

/** Random sequences. `replayPath` is what fast-check names when one of them fails. */
export function sequences(ideals: Ideals, replayPath?: string) {
  const commands = fc.commands<Model, Real, false>(COMMANDS, {
    maxCommands: MOST_COMMANDS,
    ...(replayPath === undefined ? {} : { replayPath }),
  });
  return fc.asyncProperty(fc.constantFrom<Start>("deployed", "empty"), commands, (start, drawn) =>
    runSequence(ideals, start, drawn),
  );
}

/** Whatever happens in it, at its end a deploy makes the gateway as it should be, and destroy leaves nothing of it. */
export function runSequence(ideals: Ideals, start: Start, commands: Iterable<Command>): Promise<void> {
  const { account, files } = start === "deployed" ? ideals.deployed : { account: ideals.empty, files: new Map() };
  return inWorld(account, async (world) => {
    const model: Model = { configuration: "plain", strangers: new Set() };
    const real: Real = { world, ideals, past: [files] };
    await world.configure(CONFIGURATIONS[model.configuration]);
    await world.setStateFiles(files);
    await fc.asyncModelRun(() => ({ model, real }), commands);
    for (const name of [...model.strangers]) await leaves(name).run(model, real);
    await deploy(model.configuration).run(model, real);
    await destroy().run(model, real);
  });
}
