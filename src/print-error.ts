import type { Flags } from "./config/settings.ts";
import type { GatewayError } from "./errors.ts";
import type { Io } from "./io.ts";

/** Shows the one error: on standard error for people, and with --json as a document on standard output. */
export function printError(error: GatewayError, flags: Flags, io: Pick<Io, "stdout" | "stderr">): void {
  const { code, message, hint } = error;
  if (flags.json === true) io.stdout(`${JSON.stringify({ error: { code, message, hint } })}\n`);
  io.stderr(`error: ${message}\n${hint === undefined ? "" : `hint: ${hint}\n`}`);
  if (flags.verbose === true && error.details !== undefined) io.stderr(`${error.details}\n`);
}
