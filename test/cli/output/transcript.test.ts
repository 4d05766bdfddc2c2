// Both outputs of every command that talks to AWS, as a file shows them and as terminals do.
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { temporaryFolder } from "../../support/cli.ts";
import { inOrder, normal } from "../../support/normal.ts";
import { type Output, runHere } from "../../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../../support/served-aws.ts";
import { COLOURED, OUTPUTS, shown, withoutColours } from "./outputs.ts";

interface Step {
  readonly args: readonly string[];
  /** Done before it. */
  readonly before?: (aws: LocalTestAws, folder: string) => Promise<unknown>;
  readonly answer?: string;
}

/** Must not be shown; the command line itself is left out of what is looked at. */
const SECRET = "canary-secret";
const OWN = ["--code", "app", "--runtime", "nodejs24.x", "--handler", "index.handler"];
/** A chat that asks for a stream. */
const STREAM = '{"messages":[{"role":"user","content":"Hello"}],"stream":true}';
const STEPS: readonly Step[] = [
  { args: ["status"] },
  { args: ["deploy", "--dry-run"] },
  { args: ["deploy"] },
  { args: ["deploy"] },
  { args: ["deploy", "--memory", "1024", "--timeout", "60", "--timeline"] },
  { args: ["deploy", "--memory", "2048", "--env", `KEY=${SECRET}`, "--dry-run"] },
  { args: ["status", "--memory", "2048", "--check"] },
  { args: ["status", "--timeout", "60", "--memory", "1024"] },
  { args: ["deploy", ...OWN], before: ownFunction },
  { args: ["deploy", "--route", "POST /inference", "--route", "GET /health"] },
  { args: ["deploy"] },
  { args: ["deploy", "--verbose"] },
  { args: ["invoke", "--prompt", "Hello"] },
  { args: ["invoke", "--prompt", "Hello", "--via", "lambda"] },
  { args: ["invoke", "--prompt", "Hello", "--raw"] },
  { args: ["invoke", "--data", STREAM, "--via", "lambda", "--raw"] },
  { args: ["invoke", "--data", STREAM, "--via", "lambda"] },
  { args: ["invoke", "--prompt", "Hello", "--model", "none"] },
  { args: ["invoke", "--prompt", " "] },
  { args: ["list"] },
  {
    args: ["deploy", "--memory", "1024"],
    before: (aws) =>
      aws.refuse(
        "UpdateFunctionConfiguration",
        403,
        "AccessDeniedException",
        "User: x is not authorized to perform: y",
      ),
  },
  { args: ["deploy", "--memory", "64"] },
  { args: ["destroy"], answer: "n" },
  { args: ["destroy", "--keep-logs"], answer: "y" },
  { args: ["destroy", "--yes"] },
  { args: ["destroy", "--yes"] },
  { args: ["list"] },
];
const JSON_STEPS: readonly Step[] = [
  { args: ["deploy", "--dry-run", "--json"] },
  { args: ["deploy", "--json", "--timeline"] },
  { args: ["status", "--memory", "1024", "--json"] },
  { args: ["invoke", "--prompt", "Hello", "--json"] },
  { args: ["invoke", "--prompt", "Hello", "--raw", "--json"] },
  { args: ["invoke", "--data", STREAM, "--via", "lambda", "--json"] },
  { args: ["invoke", "--prompt", "Hello", "--model", "none", "--json"] },
  { args: ["list", "--json"] },
  { args: ["deploy", "--memory", "64", "--json"] },
  { args: ["destroy", "--json"] },
  { args: ["destroy", "--yes", "--json"] },
  { args: ["destroy", "--yes", "--json"] },
  { args: ["status", "--json"] },
];

async function ownFunction(_aws: LocalTestAws, folder: string): Promise<void> {
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app", "index.js"), "exports.handler = async () => ({ output: 1 });\n");
}

async function transcript(aws: LocalTestAws, steps: readonly Step[], output: Output): Promise<string> {
  const cwd = await temporaryFolder();
  const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  const parts: string[] = [];
  for (const { args, before, answer = "" } of steps) {
    await before?.(aws, cwd);
    const run = await runHere([...args, "--local"], { cwd, env, output, answer, normal: (raw) => normal(raw, cwd) });
    const shownArgs = args.map((arg) => arg.replace(SECRET, "..."));
    parts.push(shown(shownArgs, { ...run, stderr: inOrder(run.stderr) }));
  }
  return parts.join("\n");
}

let aws: LocalTestAws;
beforeAll(async () => {
  aws = await startLocal();
  return () => aws.close();
});

/** How long a call took decides where a narrow terminal breaks its line. */
const NARROW_STEPS = STEPS.filter(({ args }) => !args.includes("--verbose"));

test.each(OUTPUTS)("%s", async (name, output) => {
  const text = await transcript(aws, name === "narrow" ? NARROW_STEPS : STEPS, output);
  expect(text).not.toContain(SECRET);
  await expect(text).toMatchFileSnapshot(`snapshots/${name}.txt`);
});

test("a terminal with colours shows the same words", async () => {
  const coloured = await transcript(aws, STEPS, COLOURED);
  await expect(coloured).toMatchFileSnapshot("snapshots/terminal-colours.txt");
  await expect(withoutColours(coloured)).toMatchFileSnapshot("snapshots/terminal.txt");
});

test("--json", async () => {
  await expect(await transcript(aws, JSON_STEPS, "piped")).toMatchFileSnapshot("snapshots/json.txt");
});
