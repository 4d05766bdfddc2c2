// Every page is done as its reader would: section by section, each in an empty folder and with empty accounts. What a
// block begins with says what it is:
//   sh        bash runs it, and it has to end well
//   console   every command behind "$ " runs, and has to print what is shown; see console.ts
//   jsonc     a valid llm-gw.json; json too, when it has no other fields than that has
//   a first line that is a comment with a path (`# app/app.py`) makes the block a file in the reader's folder
//   `not run: REASON` behind the language, which GitHub does not show, is for the few that cannot be run
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import { configSchema } from "../../src/config/schema.ts";
import { loadGateway } from "../../src/config.ts";
import { parseConsole, settled, shows } from "./console.ts";
import { type Block, readPages } from "./markdown.ts";
import { type Reader, startReader } from "./reader.ts";

const NOT_RUN = /^not run: \S/;
const RUN = new Set(["sh", "console"]);
const FILES = new Set(["python", "js", "jsonc", "json"]);
const READ = new Set(["mermaid", "text"]);

const pages = await readPages();

test.each(pages.flatMap(({ sections }) => sections).flatMap(({ blocks }) => blocks))(
  "$at: $language",
  async (block) => {
    const { language, note, text } = block;
    expect([...RUN, ...FILES, ...READ]).toContain(language);
    if (note !== "") expect(note).toMatch(NOT_RUN);
    const isConfiguration = language === "json" && hasOnlyItsFields(JSON.parse(text));
    if (language === "jsonc" || isConfiguration) await expectConfiguration(text);
  },
);

const lessons = pages.flatMap(({ path, sections }) =>
  sections.map(({ title, blocks }) => {
    const followed = blocks.filter(({ note }) => !NOT_RUN.test(note));
    return { path, title, followed, scripts: followed.filter(({ language }) => RUN.has(language)) };
  }),
);

for (const { path, title, followed, scripts } of lessons.filter(({ scripts }) => scripts.length > 0)) {
  const missing = neededTools(scripts).filter((tool) => !isInstalled(tool));
  for (const tool of missing) process.stderr.write(`${tool} is missing: "${title}" of ${path} is not tried\n`);
  test.skipIf(missing.length > 0)(`${path}: ${title}`, async ({ signal }) => {
    const reader = await startReader(signal);
    try {
      for (const block of followed) await follow(block, reader);
    } finally {
      await reader.leave();
    }
  });
}

async function follow({ at, language, text }: Block, reader: Reader): Promise<void> {
  if (language === "console") return followConsole(at, text, reader);
  if (language === "sh") {
    const { code, output } = await reader.run(text);
    return expect(code, `${at}:\n${text}\n${output}`).toBe(0);
  }
  const [, path] = /^(?:#|\/\/) (\S+\.\w+)\n/.exec(text) ?? [];
  if (path !== undefined) await reader.write(path, `${text}\n`);
}

async function followConsole(at: string, text: string, reader: Reader): Promise<void> {
  for (const { command, output: expected, isInterrupted } of parseConsole(text)) {
    const isEnough = (output: string) => isInterrupted && shows(expected, output);
    const { code, output } = await reader.run(command, isEnough);
    if (expected !== "" && !shows(expected, output))
      expect(settled(output), `${at}: ${command}`).toBe(settled(expected));
    if (isInterrupted) continue;
    const isError = /^error: /m.test(expected);
    expect(code === 0, `${at}: ${command} ends with ${code}\n${output}`).toBe(!isError);
  }
}

function hasOnlyItsFields(value: object): boolean {
  return Object.keys(value).every((key) => key in configSchema.shape);
}

async function expectConfiguration(text: string): Promise<void> {
  const cwd = await mkdtemp(join(tmpdir(), "llm-gw-docs-"));
  try {
    await writeFile(join(cwd, "llm-gw.json"), text);
    await loadGateway({}, { cwd, env: { AWS_REGION: "eu-west-1" } }, async () => undefined);
  } finally {
    await rm(cwd, { recursive: true });
  }
}

/** Of the programs that this machine may lack, those that the scripts call or have called. */
function neededTools(scripts: readonly Block[]): string[] {
  const calls = (pattern: RegExp) => scripts.some(({ text }) => pattern.test(text));
  return [
    ...(calls(/^(\$ )?curl /m) ? ["curl"] : []),
    ...(calls(/--runtime python|^(\$ )?python3 /m) ? ["python3"] : []),
  ];
}

function isInstalled(tool: string): boolean {
  try {
    execFileSync(tool, ["--version"], { stdio: "ignore" });
    return true;
  } catch {
    return false;
  }
}
