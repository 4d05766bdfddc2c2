// The command line on a real terminal, and what of it may never reach a log.
import { stripVTControlCharacters } from "node:util";
import { expect, test } from "vitest";
import { llmGw, temporaryFolder } from "../../support/cli.ts";
import { hasTerminal, onTerminal } from "../../support/on-terminal.ts";
import { runHere } from "../../support/run-here.ts";
import { startLocal } from "../../support/served-aws.ts";

const SLOW = { rolePropagationMs: 1_500 };
const WAIT = "waiting for the new role to become assumable by Lambda";
const CONTROL = String.fromCharCode(27);

test.runIf(hasTerminal)(
  "a real terminal: a display with times and waits while it works, plain lines in the end",
  async () => {
    const aws = await startLocal();
    await aws.timing(SLOW);
    const folder = await temporaryFolder();
    const { code, raw, screen } = await onTerminal(folder, aws.env, ["deploy", "--timeline"]);
    await aws.close();
    expect(code).toBe(0);
    // While it worked.
    expect(stripVTControlCharacters(raw)).toMatch(
      /lambda\.function llm-gw-prod {2}[\d.]+ m?s {2}waiting for the new role to /,
    );
    expect(raw).toContain(`${CONTROL}[?25l`);
    // In the end: no frame, no wait, the cursor back.
    expect(screen).not.toMatch(/⠋|⠙|⠹|⠸|⠼|⠴|⠦|⠧|⠇|⠏/);
    expect(screen).not.toContain(WAIT);
    expect(raw.lastIndexOf(`${CONTROL}[?25h`)).toBeGreaterThan(raw.lastIndexOf(`${CONTROL}[?25l`));
    expect(screen).toMatch(/^\{bold\}llm-gw-prod in eu-west-1, account 000000000000\{\}$/m);
    expect(screen).toMatch(/^\{green\}\+\{\} lambda\.function llm-gw-prod \{dim\}\([\d.]+ s\)\{\}$/m);
    expect(screen).toMatch(/^ {2}waited [\d.]+ m?s for the new role to become assumable by Lambda$/m);
  },
);

test.runIf(hasTerminal).each([
  ["NO_COLOR", { NO_COLOR: "1" }],
  ["a dumb terminal", { TERM: "dumb" }],
])("%s takes the colours away", async (_name, env) => {
  const aws = await startLocal();
  const folder = await temporaryFolder();
  const { code, raw } = await onTerminal(folder, { ...aws.env, ...env }, ["deploy"]);
  await aws.close();
  expect(code).toBe(0);
  expect(raw).toContain("+ lambda.function llm-gw-prod");
  const colours = new RegExp(`${CONTROL}\\[\\d+m`);
  expect(raw).not.toMatch(colours);
  if ("TERM" in env) expect(raw).not.toContain(CONTROL);
});

test("a log gets each wait as a line, and no control character", async () => {
  const aws = await startLocal();
  await aws.timing(SLOW);
  const folder = await temporaryFolder();
  const run = await llmGw(folder, { ...aws.env, FORCE_COLOR: "" }, ["deploy", "--timeline"]);
  await aws.close();
  expect(run.code).toBe(0);
  expect(run.stderr).toContain(`lambda.function llm-gw-prod: ${WAIT}\n`);
  expect(run.stdout + run.stderr).not.toContain(CONTROL);
});

test("a line of the display is never longer than the terminal", async () => {
  const aws = await startLocal();
  await aws.timing(SLOW);
  const cwd = await temporaryFolder();
  const columns = 30;
  const { code, rawStderr } = await runHere(["deploy", "--local"], {
    cwd,
    env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port },
    output: { columns, colours: false },
  });
  await aws.close();
  expect(code).toBe(0);
  const frames = rawStderr
    .split(`${CONTROL}[?2026h`)
    .slice(1)
    .map((frame) => frame.split(`${CONTROL}[?2026l`)[0] ?? "");
  expect(frames.length).toBeGreaterThan(3);
  const lines = frames.flatMap((frame) => stripVTControlCharacters(frame).split("\n"));
  expect(lines.filter((line) => line.length > columns)).toEqual([]);
});

test("a wait is shown until it is over", async () => {
  const aws = await startLocal();
  await aws.faults(
    { operation: "CreateRole", nth: 1, effect: "before", kind: "throttle" },
    { operation: "CreateRole", nth: 2, effect: "before", kind: "delay", ms: 1_000 },
  );
  const cwd = await temporaryFolder();
  const { rawStderr } = await runHere(["deploy", "--local"], {
    cwd,
    env: { LLM_GW_LOCAL_PORT: new URL(aws.url).port },
    output: { columns: 80, colours: false },
  });
  await aws.close();
  const shown = stripVTControlCharacters(rawStderr);
  const wait = shown.lastIndexOf("waiting for AWS to take more calls (iam CreateRole)");
  expect(wait).toBeGreaterThan(0);
  expect(shown.indexOf("deploying llm-gw-prod", wait)).toBeGreaterThan(wait);
  expect(shown.indexOf("+ iam.role", wait)).toBeGreaterThan(shown.indexOf("deploying llm-gw-prod", wait));
});
