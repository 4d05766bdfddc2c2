import { Option } from "commander";
import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";

export const init: CommandSpec = {
  name: "init",
  description: "write llm-gw.json and, on request, a function to edit",
  define: (command, act) =>
    command
      .addOption(
        new Option(
          "--template <name>",
          "also write a function: handler is a copy of the built-in one, python a small one",
        ).choices(["handler", "python"]),
      )
      .option("--json", "print one JSON document")
      .option("--verbose", "show causes of errors")
      .action((flags: Flags) =>
        act(async (options, io, progress) => {
          const { init } = await import("../commands/init.ts");
          const { lines, ...json } = await init(options, io, progress);
          return { lines, json };
        }, flags),
      ),
};
