// Flags that several commands have in common, and the values flags may have.
import { type Command, InvalidArgumentError, Option } from "commander";

/** Which gateway is meant, where it is, and how the command speaks. */
export function gatewayFlags(command: Command): Command {
  return accountFlags(
    command
      .option("--name <name>", "name of the gateway (default: llm-gw)")
      .option("--stage <name>", "stage of the gateway (default: prod)")
      .option("--config <file>", "configuration file (default: llm-gw.json)"),
  );
}

/** Which account and region are meant, and how the command speaks. */
export function accountFlags(command: Command): Command {
  return command
    .option("--region <region>", "AWS region")
    .option("--profile <name>", "AWS profile")
    .option("--local", "use the local AWS on this machine, which deploy starts")
    .option("--json", "print one JSON document")
    .option("--verbose", "show every AWS call, and causes of errors");
}

/** What is deployed: `status` and `doctor` look at the same that `deploy` is given. */
export function functionFlags(command: Command): Command {
  return command
    .option("--code <path>", "your function: a folder or a .zip (default: the built-in function)")
    .option("--runtime <name>", "Lambda runtime of your code, for example python3.13")
    .option("--handler <name>", "handler of your code, for example app.handler")
    .addOption(new Option("--architecture <name>", "of the function's processor").choices(["arm64", "x86_64"]))
    .option("--timeout <seconds>", "how long the function may run (default: 300)")
    .option("--memory <mb>", "memory of the function (default: 512)")
    .option("--env <key=value>", "environment variable; only KEY takes the value from yours (repeatable)", collect)
    .option("--route <key>", 'route like "POST /inference" (repeatable)', collect)
    .addOption(
      new Option("--auth <kind>", "iam: signed requests of your account; none: everybody (default: iam)").choices([
        "iam",
        "none",
      ]),
    );
}

function collect(value: string, before: readonly string[] | undefined): string[] {
  return [...(before ?? []), value];
}

export function wholeNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("has to be a whole number");
}

export function positiveInteger(text: string): number {
  const number = wholeNumber(text);
  if (number > 0) return number;
  throw new InvalidArgumentError("has to be above 0");
}

export function portNumber(text: string): number {
  const port = wholeNumber(text);
  if (port < 65_536) return port;
  throw new InvalidArgumentError("has to be at most 65535");
}
