// One sequence from beginning to end.
import fc from "fast-check";
import { inWorld } from "../matrix/world.ts";
import { type Command, deploy, destroy, leaves, type Model, type Real } from "./commands.ts";
import { CONFIGURATIONS, type Ideals } from "./configurations.ts";

export type Start = "empty" | "deployed";

/**
 * Whatever happens in it, at its end a deploy makes the gateway as it should be, and destroy leaves nothing of it.
 * @returns the kinds of the commands that were run
 */
export function runSequence(ideals: Ideals, start: Start, commands: Iterable<Command>): Promise<readonly string[]> {
  const { account, files } = start === "deployed" ? ideals.deployed : { account: ideals.empty, files: new Map() };
  return inWorld(account, async (world) => {
    const model: Model = { configuration: "plain", strangers: new Set() };
    const real: Real = { world, ideals, past: [files], kinds: [] };
    await world.configure(CONFIGURATIONS[model.configuration]);
    await world.setStateFiles(files);
    await fc.asyncModelRun(() => ({ model, real }), commands);
    for (const name of [...model.strangers]) await leaves(name).run(model, real);
    await deploy(model.configuration).run(model, real);
    await destroy().run(model, real);
    return real.kinds;
  });
}
