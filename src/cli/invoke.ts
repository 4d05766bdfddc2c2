import { Option } from "commander";
import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";
import { gatewayFlags, positiveInteger } from "./flags.ts";

export const invoke: CommandSpec = {
  name: "invoke",
  description: "send a prompt to the gateway, and print its answer",
  define: (command, act) =>
    gatewayFlags(command)
      .option("--prompt <text>", "what to ask")
      .option("--file <path>", "read the prompt from a file, or from standard input with -")
      .option("--data <json>", "send this JSON instead of a prompt")
      .option("--model <alias>", "which of the configured models answers")
      .option("--max-tokens <n>", "limit of the answer's length", positiveInteger)
      .addOption(
        new Option("--via <way>", "lambda calls the function itself, without the gateway's limit of 30 s")
          .choices(["http", "lambda"])
          .default("http"),
      )
      .option("--raw", "print the body as it came")
      .action((flags: Flags) =>
        act(async (options, io, progress) => {
          const { invoke } = await import("../commands/invoke.ts");
          const { lines, ...json } = await invoke(options, io, progress);
          return { lines, json };
        }, flags),
      ),
};
