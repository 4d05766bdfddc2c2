// What the local AWS in the foreground says, and what people read when there is none.
import { expect, test } from "vitest";
import { temporaryFolder } from "../../support/cli.ts";
import { normal } from "../../support/normal.ts";
import { type HereOptions, runHere } from "../../support/run-here.ts";
import { startLocal } from "../../support/served-aws.ts";

/** A port where nothing answers. */
async function freePort(): Promise<string> {
  const probe = await startLocal();
  await probe.close();
  return new URL(probe.url).port;
}

test.each([
  ["piped", "piped" as const],
  ["terminal", { columns: 80, colours: true }],
])("local, %s", async (name, output) => {
  const cwd = await temporaryFolder();
  const env = { LLM_GW_LOCAL_PORT: await freePort() };
  const options: HereOptions = { cwd, env, output, normal: (raw) => normal(raw, cwd) };
  const interrupt = new AbortController();
  const running = { ...options, signal: interrupt.signal, onStdout: () => interrupt.abort() };
  const parts: string[] = [];
  const steps: readonly (readonly [string[], HereOptions])[] = [
    [["local"], running],
    [["local", "--port", "0", "--json"], { ...options, signal: AbortSignal.abort() }],
    [["local", "stop"], options],
    [["local", "stop", "--json"], options],
    [["status", "--local"], options],
    [["destroy", "--local", "--yes"], options],
    [["invoke", "--local", "--prompt", "Hello"], options],
  ];
  for (const [args, world] of steps) {
    const { code, stdout, stderr } = await runHere(args, world);
    parts.push(`$ llm-gw ${args.join(" ")}\n--- stderr\n${stderr}--- stdout\n${stdout}--- exit code ${code}\n`);
  }
  await expect(parts.join("\n")).toMatchFileSnapshot(`snapshots/local-${name}.txt`);
});
