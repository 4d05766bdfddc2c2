// What the snapshots of both outputs have in common.
import { expect, test } from "vitest";
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

/** Tests a transcript in every output, against `snapshots/NAME-*.txt`. */
export function testOutputs(name: string, transcript: (output: Output) => Promise<string>): void {
  test.each(OUTPUTS)("%s", async (kind, output) => {
    await expect(await transcript(output)).toMatchFileSnapshot(`snapshots/${name}-${kind}.txt`);
  });

  test("a terminal with colours shows the same words", async () => {
    const coloured = await transcript(COLOURED);
    await expect(coloured).toMatchFileSnapshot(`snapshots/${name}-colours.txt`);
    await expect(withoutColours(coloured)).toMatchFileSnapshot(`snapshots/${name}-terminal.txt`);
  });
}
