import { addressed } from "./commands/command-lines.ts";
import type { Flags } from "./config/settings.ts";
import type { Io } from "./io.ts";
import { paintFor } from "./text.ts";

/** A warning as people see it. Its commands, written like `llm-gw logs`, run as this one did, and find this gateway. */
export function warningText(message: string, flags: Flags, io: Pick<Io, "env" | "terminals">): string {
  return `${paintFor(io.terminals.stderr)("yellow", "warning:")} ${addressed(message, flags, io)}`;
}
