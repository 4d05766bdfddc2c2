import type { Flags } from "./config/settings.ts";
import type { GatewayError } from "./errors.ts";
import type { Io } from "./io.ts";

type Outputs = Pick<Io, "stdout" | "stderr" | "terminals">;

/** Shows the one error: on standard error for people, and with --json as a document on standard output. */
export async function printError(error: GatewayError, flags: Flags, io: Outputs): Promise<void> {
  const { code, message, hint } = error;
  if (flags.json === true) io.stdout(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  const { errorText } = await import("./errors.ts");
  io.stderr(errorText(error, io.terminals.stderr));
  if (flags.verbose === true && error.details !== undefined) io.stderr(`${error.details}\n`);
}
