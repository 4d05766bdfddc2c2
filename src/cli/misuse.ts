// What is told of a command line that is none: commander notices it, and this adds what may have been meant. Of values it
// speaks as the configuration's errors do.
import { type Command, CommanderError } from "commander";
import { nearest } from "../config/suggest.ts";

/** What other tools call what is here. */
const ELSEWHERE: Readonly<Record<string, readonly string[]>> = {
  deploy: ["apply", "create", "up", "update"],
  "deploy --dry-run": ["diff", "plan", "preview"],
  destroy: ["delete", "down", "remove", "rm", "undeploy"],
  invoke: ["ask", "call", "chat", "prompt"],
  status: ["info", "ps", "show"],
  logs: ["tail"],
  list: ["ls"],
  dev: ["run", "serve", "start"],
  "local stop": ["stop"],
  "--version": ["version", "-v"],
};

/** Flags of other commands, where they go without saying. */
const NEEDLESS: Readonly<Record<string, string>> = {
  "dev --local": "Leave it out: dev always uses a local AWS of its own.",
};

/** What an error says, and what to do about it. */
interface Told {
  /** Left out: commander's own. */
  readonly message?: string;
  /** Left out: where the help is. */
  readonly hint?: string;
}

/** @param error what parsing `argv` threw; more lines of its message are the hint */
export function misuse(error: unknown, program: Command, argv: readonly string[]): Required<Told> {
  const text = error instanceof Error ? error.message.replace(/^error: /, "") : String(error);
  const [message = "", ...more] = text.split("\n");
  const code = error instanceof CommanderError ? error.code : "";
  const command = program.commands.find((one) => one.name() === argv[0]);
  const help = command === undefined ? "--help lists the commands" : `${command.name()} --help shows what it takes`;
  const told = command === undefined ? ofProgram(code, message, program, argv) : ofCommand(code, message, command);
  return { message, hint: more.join(" ") || `llm-gw ${help}.`, ...told };
}

/** No command, or none of ours. */
function ofProgram(code: string, message: string, program: Command, argv: readonly string[]): Told {
  const names = program.commands.map((command) => command.name());
  const word = quoted(message);
  const elsewhere = Object.entries(ELSEWHERE).find(([, words]) => words.includes(word))?.[0];
  if (code === "commander.unknownCommand") return meant(elsewhere ?? nearest(word, names));
  if (code !== "commander.unknownOption") return {};
  const [flag = ""] = word.split("=");
  const command = argv.find((one) => names.includes(one)) ?? "COMMAND";
  // What else stands there may be a secret.
  const others = argv.length > 2 || flag !== word ? " ..." : "";
  return {
    hint: `Flags come after the command: llm-gw ${command} ${flag}${others}`,
    ...unknownFlag(flag, program),
    ...meant(elsewhere),
  };
}

function ofCommand(code: string, message: string, command: Command): Told {
  const { options, registeredArguments } = command;
  switch (code) {
    case "commander.unknownOption":
      return unknownOption(quoted(message), command);
    case "commander.optionMissingArgument":
      return { message: `${quoted(message).split(" ")[0]} needs a value` };
    case "commander.missingArgument": {
      const choices = registeredArguments.flatMap(({ argChoices = [] }) => argChoices);
      return { message: `${command.name()} needs a ${quoted(message)}: ${choices.join(", ")}` };
    }
    case "commander.excessArguments": {
      const allowed = registeredArguments.length === 0 ? "no word" : "one word at most";
      const isPrompt = options.some(({ long }) => long === "--prompt");
      // Elsewhere it may be a secret that slipped out of --env.
      const hint = isPrompt ? meant(`--prompt ${promptOf(command)}`) : {};
      return { message: `${command.name()} takes ${allowed} beside its flags`, ...hint };
    }
    case "commander.invalidArgument":
      return ofValue(message, command);
    default:
      return {};
  }
}

const VALUE = /^(?:option '(--[\w-]+)[^']*' argument|command-argument value) '(.*)' is invalid[^.]*\. (.*)$/s;

function ofValue(message: string, command: Command): Told {
  const [, flag, value, rule = ""] = VALUE.exec(message) ?? [];
  if (value === undefined) return {};
  const [argument] = command.registeredArguments;
  const taker = flag === undefined ? argument : command.options.find(({ long }) => long === flag);
  const choices = taker?.argChoices ?? [];
  const found = nearest(value, choices);
  const has = choices.length > 1 ? `has to be one of ${choices.join(", ")}` : `has to be ${choices[0]}, if anything`;
  return {
    message: `${flag ?? command.name()} ${JSON.stringify(value)}: ${choices.length === 0 ? rule : has}`,
    ...meant(found && flag === undefined ? `${command.name()} ${found}` : found),
  };
}

/** All that was meant to be one prompt. */
function promptOf(command: Command): string {
  const { prompt } = command.opts();
  const words = [...(typeof prompt === "string" ? [prompt] : []), ...command.args].join(" ");
  return /^[\w ,.?-]{1,60}$/.test(words) ? `"${words}"` : '"..."';
}

function unknownOption(word: string, command: Command): Told {
  const [flag = ""] = word.split("=");
  // commander looks only for a flag that takes a value.
  if (command.options.some(({ long }) => long === flag)) return { message: `${flag} takes no value`, ...meant(flag) };
  const told = unknownFlag(flag, command);
  const needless = NEEDLESS[`${command.name()} ${flag}`];
  return needless === undefined ? told : { ...told, hint: needless };
}

/** @param flag without its value, which may be a secret */
function unknownFlag(flag: string, command: Command): Told {
  const known = command
    .createHelp()
    .visibleOptions(command)
    .flatMap(({ long }) => long?.slice(2) ?? []);
  const found = flag.startsWith("--") ? nearest(flag.slice(2), known) : undefined;
  return { message: `unknown option '${flag}'`, ...meant(found && `--${found}`) };
}

function meant(what: string | undefined): Told {
  return what === undefined ? {} : { hint: `Did you mean ${what}?` };
}

/** What commander has put in quotes. */
function quoted(message: string): string {
  return /'(.*)'/s.exec(message)?.[1] ?? "";
}
