// The command line: it finds the command, runs its action, and prints the result or the one error.
import { Command, CommanderError } from "commander";
import manifest from "../package.json" with { type: "json" };
import { attempt } from "./attempt.ts";
import type { Act, Action, CommandSpec } from "./cli/command.ts";
import { completion } from "./cli/completion.ts";
import { deploy } from "./cli/deploy.ts";
import { destroy } from "./cli/destroy.ts";
import { dev } from "./cli/dev.ts";
import { doctor } from "./cli/doctor.ts";
import { init } from "./cli/init.ts";
import { invoke } from "./cli/invoke.ts";
import { list } from "./cli/list.ts";
import { local } from "./cli/local.ts";
import { logs } from "./cli/logs.ts";
import { misuse } from "./cli/misuse.ts";
import { status } from "./cli/status.ts";
import { refuseSwallowedFlag } from "./cli/swallowed-flag.ts";
import type { Flags } from "./config/settings.ts";
import { unknownVariables } from "./config/unknown-variables.ts";
import type { ExitCode, GatewayError } from "./errors.ts";
import type { Io } from "./io.ts";
import { printError } from "./print-error.ts";
import { warningText } from "./warning.ts";

export { processIo } from "./process-io.ts";

/** In the order of --help. */
const COMMANDS: readonly CommandSpec[] = [
  deploy,
  destroy,
  invoke,
  status,
  logs,
  list,
  dev,
  init,
  doctor,
  local,
  completion,
];

/** Runs one command line (without node and script). Prints its result or its one error; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<0 | ExitCode> {
  const exitCode = await runLine(argv, io);
  // Without --json: no document can be written where a result could not.
  const lost = await io.flush();
  return lost === undefined ? exitCode : print(lost, {}, io);
}

async function runLine(argv: readonly string[], io: Io): Promise<0 | ExitCode> {
  let exitCode: 0 | ExitCode = 0;
  const program = describe(argv, io, async (action, flags) => {
    exitCode = await run(action, flags, io);
  });
  try {
    await program.parseAsync(helpOfUnknown(argv) ?? [...argv], { from: "user" });
  } catch (error) {
    // Help that was asked for, or is the answer to no command at all, is printed already.
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    if (error instanceof CommanderError && error.code === "commander.help") return 2;
    const { message, hint } = misuse(error, program, argv);
    const { usageError } = await import("./errors.ts");
    return print(usageError(message, hint), { json: argv.includes("--json") }, io);
  }
  return exitCode;
}

function describe(argv: readonly string[], io: Io, act: Act): Command {
  const program = new Command("llm-gw")
    .description("Put an HTTPS endpoint for LLM inference on AWS, and take it away again.")
    .version(manifest.version)
    .showSuggestionAfterError(false)
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
    .hook("preSubcommand", (_program, command) => refuseSwallowedFlag(command, argv))
    .configureOutput({
      writeOut: io.stdout,
      writeErr: io.stderr,
      outputError: () => undefined,
      getOutHelpWidth: () => io.terminals.stdout?.columns ?? 80,
      getErrHelpWidth: () => io.terminals.stderr?.columns ?? 80,
    })
    .addHelpText(
      "after",
      '\nAn empty folder will do:\n  llm-gw deploy --local\n  llm-gw invoke --local --prompt "Hello"',
    );
  for (const { name, description, define } of COMMANDS) {
    const command = program.command(name).description(description);
    // The list of commands needs no flags, and comes faster without them. Completion needs those of all commands.
    if (argv.includes(name) || argv[0] === completion.name) define(command, act);
  }
  return program;
}

/** commander answers `help nosuch` with the list of commands; without the help it says what might be meant. */
function helpOfUnknown([first, second, ...others]: readonly string[]): string[] | undefined {
  const isKnown = second === undefined || second === "help" || COMMANDS.some(({ name }) => name === second);
  return first === "help" && !isKnown ? [second, ...others] : undefined;
}

async function run(action: Action, flags: Flags, io: Io): Promise<0 | ExitCode> {
  const { startProgress } = await import("./progress.ts");
  const progress = await startProgress(io);
  for (const warning of unknownVariables(flags, io.env)) progress.line(warningText(warning, flags, io));
  const result = await attempt(flags, io, (world) => action(flags, world, progress));
  progress.stop();
  if ("failed" in result) return print(result.failed, flags, io);
  const { done: outcome } = result;
  if (typeof outcome !== "object") return outcome ?? 0;
  const text = flags.json === true ? [JSON.stringify(outcome.json)] : outcome.lines;
  for (const line of text) io.stdout(`${line}\n`);
  return outcome.exitCode ?? 0;
}

async function print(error: GatewayError, flags: Flags, io: Io): Promise<ExitCode> {
  await printError(error, flags, io);
  return error.exitCode;
}
