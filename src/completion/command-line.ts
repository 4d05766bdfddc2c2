import type { Command, Option } from "commander";

/** What can stand after a flag. */
export type Value =
  | { readonly kind: "none" | "text" | "file" }
  | { readonly kind: "choice"; readonly choices: readonly string[] };

export interface Flag {
  /** With its dashes. */
  readonly name: string;
  readonly description: string;
  readonly value: Value;
}

/** One command, with all that completion has to offer behind it. */
export interface CommandWords {
  readonly name: string;
  readonly description: string;
  /** What its argument may be. */
  readonly words: readonly string[];
  readonly flags: readonly Flag[];
}

/** The commands of the program and, under its own name, the program with its own flags. */
export interface CommandLine {
  readonly program: CommandWords;
  readonly commands: readonly CommandWords[];
}

/** Reads off the definitions what --help shows too. */
export function commandLine(program: Command): CommandLine {
  return { program: wordsOf(program), commands: program.createHelp().visibleCommands(program).map(wordsOf) };
}

function wordsOf(command: Command): CommandWords {
  return {
    name: command.name(),
    description: command.description(),
    words: command.registeredArguments.flatMap(({ argChoices = [] }) => argChoices),
    flags: command
      .createHelp()
      .visibleOptions(command)
      .map((option) => ({
        name: option.long ?? option.flags,
        description: option.description,
        value: valueAfter(option),
      })),
  };
}

function valueAfter({ flags, required, argChoices }: Option): Value {
  if (!required) return { kind: "none" };
  if (argChoices !== undefined) return { kind: "choice", choices: argChoices };
  return { kind: /<(file|path)>/.test(flags) ? "file" : "text" };
}
