import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { functionFlags, portNumber } from "./flags.ts";

export const dev: CommandSpec = {
  name: "dev",
  description: "deploy to a local AWS of its own, and again at each change; show what the function logs",
  define: (command, act) =>
    functionFlags(
      command
        .option("--name <name>", "name of the gateway (default: llm-gw)")
        .option("--stage <name>", "stage of the gateway (default: prod)")
        .option("--region <region>", "AWS region")
        .option("--config <file>", "configuration file (default: llm-gw.json)")
        .option("--port <n>", "where to listen (default: any free port)", portNumber)
        .option("--json", "print one JSON document a line")
        .option("--verbose", "show every AWS call, and causes of errors"),
    ).action((flags: Flags) =>
      act(async (options, io) => {
        const { dev } = await import("../commands/dev.ts");
        await dev(options, io);
        return undefined;
      }, flags),
    ),
};
