import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { functionFlags, gatewayFlags } from "./flags.ts";

export const deploy: CommandSpec = {
  name: "deploy",
  description: "create or update the gateway, and print its endpoint",
  define: (command, act) =>
    functionFlags(gatewayFlags(command))
      .option("--dry-run", "show what would change, and change nothing")
      .option("--timeline", "show where the time went, resource by resource")
      .option("--adopt", "take over what has this gateway's names; destroy then deletes it")
      .action((flags: Flags) =>
        act(async (options, io, progress) => {
          const { deploy } = await import("../commands/deploy.ts");
          const { lines, ...json } = await deploy(options, io, progress);
          return { lines, json };
        }, flags),
      ),
};
