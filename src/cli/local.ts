import { Argument, Option } from "commander";
import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { portNumber, wholeNumber } from "./flags.ts";

export const local: CommandSpec = {
  name: "local",
  description: "run the local AWS in the foreground; local stop ends the one in the background",
  define: (command, act) =>
    command
      .addArgument(new Argument("[action]", "stop").choices(["stop"]))
      .option("--port <n>", "where it listens, 0: any free port (default: LLM_GW_LOCAL_PORT or 4577)", portNumber)
      .addOption(
        new Option("--timing <name>", "how slow and how eventually consistent it is").choices([
          "off",
          "realistic",
          "hostile",
        ]),
      )
      .option("--latency <ms>", "added to every call", wholeNumber)
      .option("--role-delay <ms>", "until a new role can be assumed", wholeNumber)
      .option("--function-delay <ms>", "until a new or changed function is active", wholeNumber)
      .option("--deployment-delay <ms>", "until a deployment of an API is served", wholeNumber)
      .option("--read-lag <ms>", "how long reads may answer as before a write", wholeNumber)
      .option("--write-lag <ms>", "how long a write keeps its API busy for others", wholeNumber)
      .option("--rates", "enforce the rates at which AWS takes calls")
      .option("--no-rates", "take calls at any rate")
      .option("--page-size <n>", "items in one page of a listing at most", wholeNumber)
      .option("--verify-keys", "refuse access keys that are not the local account's")
      .option("--json", "print one JSON document")
      .option("--verbose", "show causes of errors")
      .action((action: string | undefined, flags: Flags) =>
        act(async (options, io) => {
          const { local, stopLocal } = await import("../commands/local.ts");
          if (action === undefined) {
            await local(options, io);
            return undefined;
          }
          const json = await stopLocal(options, io);
          return { json, lines: [json.stopped ? "the local AWS has ended" : "no local AWS was running"] };
        }, flags),
      ),
};
