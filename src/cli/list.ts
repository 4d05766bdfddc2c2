import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { accountFlags } from "./flags.ts";

export const list: CommandSpec = {
  name: "list",
  description: "show the gateways of the account in the region, whoever deployed them",
  define: (command, act) =>
    accountFlags(command).action((flags: Flags) =>
      act(async (options, io, progress) => {
        const { list } = await import("../commands/list.ts");
        const { lines, ...json } = await list(options, io, progress);
        return { lines, json };
      }, flags),
    ),
};
