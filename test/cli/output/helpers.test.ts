// Both outputs of the commands beside a gateway's life: what they show is true of this moment, so their clock goes on.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { afterEach, beforeAll, vi } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { normal } from "../../support/normal.ts";
import { type Output, runHere } from "../../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../../support/served-aws.ts";
import { shown, testOutputs } from "./outputs.ts";

const STEPS: readonly (readonly string[])[] = [
  ["init", "--template", "python"],
  ["init"],
  ["doctor", "--local"],
  ["doctor", "--local", "--json"],
  ["doctor", "--local", "--name", "no good"],
  ["logs", "--local"],
  ["logs", "--local", "--since", "tomorrow"],
  ["completion", "tcsh"],
  ["init", "--json"],
];

let aws: LocalTestAws;
beforeAll(async () => {
  aws = await startLocal();
  return () => aws.close();
});

afterEach(() => vi.unstubAllEnvs());

/** Puts a python3 on the PATH of which nothing depends on the machine. */
async function stubPython(): Promise<void> {
  const bin = await temporaryFolder();
  await writeFile(join(bin, "python3"), "#!/bin/sh\necho Python 3.11.4\n", { mode: 0o755 });
  vi.stubEnv("PATH", `${bin}:${process.env.PATH}`);
}

async function transcript(output: Output): Promise<string> {
  const cwd = join(await temporaryFolder(), "search");
  await mkdir(cwd);
  await stubPython();
  const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  const clean = (raw: string) =>
    normal(raw, cwd)
      .replaceAll(process.versions.node, "NODE")
      .replace(/\d+ bytes zipped/, "SIZE zipped");
  const parts: string[] = [];
  for (const args of STEPS) {
    parts.push(shown(args, await runHere(args, { cwd, env, output, clock: systemClock, normal: clean })));
  }
  return parts.join("\n");
}

testOutputs("helpers", (output) => transcript(output));
