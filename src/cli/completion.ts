import { Argument } from "commander";
import type { Shell } from "../commands/completion.ts";
import type { Flags } from "../config/settings.ts";
import type { CommandSpec } from "./command.ts";

export const completion: CommandSpec = {
  name: "completion",
  description: "print the script with which bash, zsh or fish completes commands and flags",
  define: (command, act) =>
    command
      .addArgument(new Argument("<shell>", "of yours").choices(["bash", "zsh", "fish"]))
      .option("--json", "print one JSON document")
      .action((shell: Shell, flags: Flags) =>
        act(async () => {
          const { completion } = await import("../commands/completion.ts");
          const { lines, ...json } = completion(command.parent ?? command, shell);
          return { lines, json };
        }, flags),
      ),
};
