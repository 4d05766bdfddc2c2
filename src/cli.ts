// Every command, flag and help text. The actions are loaded when they run, so that --help costs nothing.
import { Argument, Command, CommanderError, InvalidArgumentError, Option } from "commander";
import manifest from "../package.json" with { type: "json" };
import type { Flags } from "./config/settings.ts";
import type { ExitCode, GatewayError } from "./errors.ts";
import type { Io } from "./io.ts";
import type { Progress } from "./progress.ts";

export { processIo } from "./process-io.ts";

/** What an action hands back: a document for --json, lines for people, and how the process ends. */
interface Outcome {
  readonly json: object;
  readonly lines: readonly string[];
  readonly exitCode?: ExitCode;
}

type Action = (flags: Flags, io: Io, progress: Progress) => Promise<Outcome | undefined>;

/** Runs one command line (without node and script). Prints its result or its one error; never throws. */
export async function main(argv: readonly string[], io: Io): Promise<0 | ExitCode> {
  let exitCode: 0 | ExitCode = 0;
  const program = describe(argv, io, async (action, flags) => {
    exitCode = await run(action, flags, io);
  });
  try {
    await program.parseAsync([...argv], { from: "user" });
  } catch (error) {
    // Help that was asked for, or is the answer to no command at all, is printed already.
    if (error instanceof CommanderError && (error.exitCode === 0 || error.code === "commander.help")) return 0;
    const message = error instanceof Error ? error.message.replace(/^error: /, "") : String(error);
    const [first = "", ...more] = message.split("\n");
    const hint = more.join(" ").replace(/^\((.*)\)$/, "$1") || "llm-gw --help lists the commands and flags.";
    const { usageError } = await import("./errors.ts");
    return print(usageError(first, hint), { json: argv.includes("--json") }, io);
  }
  return exitCode;
}

function describe(argv: readonly string[], io: Io, act: (action: Action, flags: Flags) => Promise<void>): Command {
  const program = new Command("llm-gw")
    .description("Put an HTTPS endpoint for LLM inference on AWS, and take it away again.")
    .version(manifest.version)
    .showSuggestionAfterError()
    .configureHelp({ minWidthToWrap: 20 })
    .exitOverride()
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
    // The list of commands needs no flags, and comes faster without them.
    if (argv.includes(name)) define(command, act);
  }
  return program;
}

interface CommandSpec {
  readonly name: string;
  readonly description: string;
  /** Adds flags and action. */
  readonly define: (command: Command, act: (action: Action, flags: Flags) => Promise<void>) => void;
}

const COMMANDS: readonly CommandSpec[] = [
  {
    name: "deploy",
    description: "create or update the gateway, and print its endpoint",
    define: (command, act) =>
      functionFlags(gatewayFlags(command))
        .option("--dry-run", "show what would change, and change nothing")
        .option("--timeline", "show where the time went, resource by resource")
        .option("--adopt", "take over what has this gateway's names; destroy then deletes it")
        .action((flags: Flags) =>
          act(async (options, world, progress) => {
            const { deploy } = await import("./commands/deploy.ts");
            const { lines, ...json } = await deploy(options, world, progress);
            return { lines, json };
          }, flags),
        ),
  },
  {
    name: "destroy",
    description: "remove everything the gateway consists of",
    define: (command, act) =>
      gatewayFlags(command)
        .option("--yes", "do not ask")
        .option("--keep-logs", "leave the function's log group")
        .action((flags: Flags) =>
          act(async (options, world, progress) => {
            const { destroy } = await import("./commands/destroy.ts");
            return { json: await destroy(options, world, progress), lines: [] };
          }, flags),
        ),
  },
  {
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
          act(async (options, world) => {
            const { invoke } = await import("./commands/invoke.ts");
            const { lines, ...json } = await invoke(options, world);
            return { lines, json };
          }, flags),
        ),
  },
  {
    name: "status",
    description: "show what exists, what differs from the configuration, and the endpoint",
    define: (command, act) =>
      functionFlags(gatewayFlags(command))
        .option("--check", "end with exit code 3 when deploy would change something")
        .action((flags: Flags) =>
          act(async (options, world) => {
            const { status } = await import("./commands/status.ts");
            const { lines, ...json } = await status(options, world);
            return { lines, json, ...(options.check === true && !json.upToDate ? { exitCode: 3 } : {}) };
          }, flags),
        ),
  },
  {
    name: "local",
    description: "run the local AWS in the foreground; local stop ends the one in the background",
    define: (command, act) =>
      command
        .addArgument(new Argument("[action]", "stop").choices(["stop"]))
        .option("--port <n>", "where to listen, 0: any free port (default: LLM_GW_LOCAL_PORT or 4577)", portNumber)
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
          act(async (options, world) => {
            const { local, stopLocal } = await import("./commands/local.ts");
            if (action === undefined) {
              await local(options, world);
              return undefined;
            }
            const json = await stopLocal(world);
            return { json, lines: [json.stopped ? "the local AWS has ended" : "no local AWS was running"] };
          }, flags),
        ),
  },
];

function gatewayFlags(command: Command): Command {
  return command
    .option("--name <name>", "name of the gateway (default: llm-gw)")
    .option("--stage <name>", "stage of the gateway (default: prod)")
    .option("--region <region>", "AWS region")
    .option("--profile <name>", "AWS profile")
    .option("--config <file>", "configuration file (default: llm-gw.json)")
    .option("--local", "use the local AWS on this machine, which deploy starts")
    .option("--json", "print one JSON document")
    .option("--verbose", "show every AWS call, and causes of errors");
}

/** What is deployed: `status` compares with the same that `deploy` was given. */
function functionFlags(command: Command): Command {
  return command
    .option("--code <path>", "your function: a folder or a .zip (default: the built-in function)")
    .option("--runtime <name>", "Lambda runtime of your code, for example python3.13")
    .option("--handler <name>", "handler of your code, for example app.handler")
    .option("--architecture <name>", "arm64 or x86_64")
    .option("--timeout <seconds>", "how long the function may run (default: 300)")
    .option("--memory <mb>", "memory of the function (default: 512)")
    .option("--env <key=value>", "environment variable; only KEY takes the value from yours (repeatable)", collect)
    .option("--route <key>", 'route like "POST /inference" (repeatable)', collect)
    .option("--auth <kind>", "iam: signed requests of your account; none: everybody (default: iam)");
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("It has to be a whole number.");
}

function positiveInteger(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError("It has to be above 0.");
}

function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port < 65_536) return port;
  throw new InvalidArgumentError("It has to be at most 65535.");
}

async function run(action: Action, flags: Flags, io: Io): Promise<0 | ExitCode> {
  const { startProgress } = await import("./progress.ts");
  const progress = await startProgress(io);
  const secrets: string[] = [];
  try {
    const world: Io = { ...io, interactive: io.interactive, hide: (values) => secrets.push(...values) };
    const outcome = await action(flags, world, progress);
    progress.stop();
    if (outcome === undefined) return 0;
    const text = flags.json === true ? [JSON.stringify(outcome.json)] : outcome.lines;
    for (const line of text) io.stdout(`${line}\n`);
    return outcome.exitCode ?? 0;
  } catch (error) {
    progress.stop();
    const { explain } = await import("./explain.ts");
    return print(explain(error, { profile: profileName(flags, io), env: io.env, secrets }), flags, io);
  }
}

function profileName(flags: Flags, io: Io): string | undefined {
  return typeof flags.profile === "string" ? flags.profile : io.env.AWS_PROFILE;
}

async function print(error: GatewayError, flags: Flags, io: Io): Promise<ExitCode> {
  const { code, message, hint } = error;
  if (flags.json === true) io.stdout(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  const { errorText } = await import("./errors.ts");
  io.stderr(errorText(error, io.terminals.stderr));
  if (flags.verbose === true && error.details !== undefined) io.stderr(`${error.details}\n`);
  return error.exitCode;
}
