import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { functionFlags, gatewayFlags } from "./flags.ts";

export const status: CommandSpec = {
  name: "status",
  description: "show what exists, what differs from the configuration, and the endpoint",
  define: (command, act) =>
    functionFlags(gatewayFlags(command))
      .option("--check", "end with exit code 3 when deploy would change something")
      .action((flags: Flags) =>
        act(async (options, io, progress) => {
          const { status } = await import("../commands/status.ts");
          const { lines, ...json } = await status(options, io, progress);
          return { lines, json, ...(options.check === true && !json.upToDate ? { exitCode: 3 } : {}) };
        }, flags),
      ),
};
