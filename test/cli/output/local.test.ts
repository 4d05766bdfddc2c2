// What the local AWS in the foreground says, and what people read when there is none.
import { temporaryFolder } from "../../support/cli.ts";
import { normal } from "../../support/normal.ts";
import { type HereOptions, type Output, runHere } from "../../support/run-here.ts";
import { startLocal } from "../../support/served-aws.ts";
import { shown, testOutputs } from "./outputs.ts";

/** A port where nothing answers. */
async function freePort(): Promise<string> {
  const probe = await startLocal();
  await probe.close();
  return new URL(probe.url).port;
}

async function transcript(output: Output): Promise<string> {
  const cwd = await temporaryFolder();
  const env = { LLM_GW_LOCAL_PORT: await freePort() };
  const options: HereOptions = { cwd, env, output, normal: (raw) => normal(raw, cwd) };
  const interrupt = new AbortController();
  const running = { ...options, signal: interrupt.signal, onOutput: () => interrupt.abort() };
  const parts: string[] = [];
  const steps: readonly (readonly [string[], HereOptions])[] = [
    [["local"], running],
    [["local", "--port", "0", "--json"], { ...options, signal: AbortSignal.abort() }],
    [["local", "stop"], options],
    [["local", "stop", "--json"], options],
    [["local", "stop", "--rates"], options],
    [["status", "--local"], options],
    [["status", "--local", "--json"], options],
    [["destroy", "--local", "--yes"], options],
    [["invoke", "--local", "--prompt", "Hello"], options],
  ];
  for (const [args, world] of steps) {
    parts.push(shown(args, await runHere(args, world)));
  }
  return parts.join("\n");
}

testOutputs("local", (output) => transcript(output));
