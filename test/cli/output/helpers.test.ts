// Both outputs of the commands beside a gateway's life: what they show is true of this moment, so their clock goes on.
import { mkdir } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../src/clock.ts";
import { temporaryFolder } from "../../support/cli.ts";
import { normal } from "../../support/normal.ts";
import { type Output, runHere } from "../../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../../support/served-aws.ts";

const OUTPUTS: readonly (readonly [string, Output])[] = [
  ["piped", "piped"],
  ["terminal", { columns: 80, colours: false }],
  ["narrow", { columns: 40, colours: false }],
];
const STEPS: readonly (readonly string[])[] = [
  ["init", "--template", "python"],
  ["init"],
  ["doctor", "--local"],
  ["logs", "--local"],
  ["logs", "--local", "--since", "tomorrow"],
  ["completion", "tcsh"],
];

let aws: LocalTestAws;
beforeAll(async () => {
  aws = await startLocal();
  return () => aws.close();
});

test.each(OUTPUTS)("%s", async (name, output) => {
  const cwd = join(await temporaryFolder(), "search");
  await mkdir(cwd);
  const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  const clean = (raw: string) =>
    normal(raw, cwd)
      .replaceAll(process.versions.node, "NODE")
      .replace(/\d+ bytes zipped/, "SIZE zipped");
  const parts: string[] = [];
  for (const args of STEPS) {
    const { code, stdout, stderr } = await runHere(args, { cwd, env, output, clock: systemClock, normal: clean });
    parts.push(`$ llm-gw ${args.join(" ")}\n--- stderr\n${stderr}--- stdout\n${stdout}--- exit code ${code}\n`);
  }
  await expect(parts.join("\n")).toMatchFileSnapshot(`snapshots/helpers-${name}.txt`);
});
