import { addressed } from "./commands/command-lines.ts";
import type { Flags } from "./config/settings.ts";
import type { GatewayError } from "./errors.ts";
import type { Io } from "./io.ts";

type Outputs = Pick<Io, "stdout" | "stderr" | "terminals" | "env">;

/** Shows the one error: on standard error for people, and with --json as a document on standard output. */
export async function printError(error: GatewayError, flags: Flags, io: Outputs): Promise<void> {
  const { errorText } = await import("./errors.ts");
  const { code, message, answer } = error;
  const hint = error.hint === undefined ? undefined : addressed(error.hint, flags, io);
  if (flags.json === true) io.stdout(`${JSON.stringify({ error: { code, message, hint, ...answer } })}\n`);
  io.stderr(errorText({ message, hint }, io.terminals.stderr));
  if (flags.verbose === true && error.details !== undefined) io.stderr(`${error.details}\n`);
}
