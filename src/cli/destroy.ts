import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { gatewayFlags } from "./flags.ts";

export const destroy: CommandSpec = {
  name: "destroy",
  description: "remove everything the gateway consists of",
  define: (command, act) =>
    gatewayFlags(command)
      .option("--yes", "do not ask")
      .option("--keep-logs", "leave the log groups")
      .action((flags: Flags) =>
        act(async (options, io, progress) => {
          const { destroy } = await import("../commands/destroy.ts");
          return { json: await destroy(options, io, progress), lines: [] };
        }, flags),
      ),
};
