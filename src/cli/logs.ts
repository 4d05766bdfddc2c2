import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { gatewayFlags } from "./flags.ts";

export const logs: CommandSpec = {
  name: "logs",
  description: "show what the function has logged, and the access log",
  define: (command, act) =>
    gatewayFlags(command)
      .option("--follow", "go on with what comes, until Ctrl-C; with --json one document a line")
      .option("--since <time>", "begin at 30s, 10m, 2h, 1d ago, or at an ISO time (default: 10m)")
      .option("--filter <pattern>", "only what matches CloudWatch's filter pattern")
      .option("--access", "only the access log, where accessLogs is configured")
      .action((flags: Flags) =>
        act(async (options, io, progress) => {
          const { logs } = await import("../commands/logs.ts");
          const result = await logs(options, io, progress);
          return typeof result === "object" ? { json: result, lines: [] } : result;
        }, flags),
      ),
};
