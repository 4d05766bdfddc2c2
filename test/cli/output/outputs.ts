// What the snapshots of both outputs have in common.
import type { HereRun, Output } from "../../support/run-here.ts";

/** Where output goes, by the name of its snapshots. */
export const OUTPUTS: readonly (readonly [string, Output])[] = [
  ["piped", "piped"],
  ["terminal", { columns: 80, colours: false }],
  ["narrow", { columns: 40, colours: false }],
];

/** As a terminal looks for whoever has not set NO_COLOR. */
export const COLOURED: Output = { columns: 80, colours: true };

/** The words of a transcript that shows colours. */
export function withoutColours(text: string): string {
  return text.replaceAll(/\{\w+\}([^{}]*)\{\}/g, "$1");
}

/** One command line and all that came of it. */
export function shown(args: readonly string[], { code, stdout, stderr }: HereRun): string {
  return `$ llm-gw ${args.join(" ")}\n--- stderr\n${stderr}--- stdout\n${stdout}--- exit code ${code}\n`;
}
