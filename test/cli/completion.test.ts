import { execFile } from "node:child_process";
import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { promisify } from "node:util";
import { describe, expect, test } from "vitest";
import { llmGw, temporaryFolder } from "../support/cli.ts";
import { isInstalled } from "../support/is-installed.ts";

const run = promisify(execFile);

/** What is typed before the tab, and the one word with which it goes on. */
const LINES: readonly (readonly [line: string, word: string])[] = [
  ["llm-gw dep", "deploy"],
  ["llm-gw --ver", "--version"],
  ["llm-gw deploy --dry", "--dry-run"],
  ["llm-gw invoke --prompt Hello --ra", "--raw"],
  ["llm-gw invoke --via h", "http"],
  ["llm-gw deploy --auth n", "none"],
  ["llm-gw dev --architecture ar", "arm64"],
  ["llm-gw local st", "stop"],
  ["llm-gw local --no", "--no-rates"],
  ["llm-gw completion zs", "zsh"],
  ["llm-gw deploy --config gateway", "gateway.json"],
];

/** In each shell, a program that takes the completion script and lines, and prints for each what it may go on with. */
const DRIVERS = {
  bash: `
    eval "$(cat "$1")"
    for line in "\${@:2}"; do
      read -ra COMP_WORDS <<<"$line"
      COMP_CWORD=$((\${#COMP_WORDS[@]} - 1))
      _llm_gw
      echo "\${COMPREPLY[*]}"
    done`,
  // Only an interactive zsh completes: the last word of what stands on its line after a tab.
  zsh: `
    zmodload zsh/zpty
    zpty shell zsh -f -i
    zpty -w shell "autoload -Uz compinit && compinit -u -D; source $1"
    zpty -w shell "show() { print -r -- \\"<\\$BUFFER>\\" }; zle -N show; bindkey '^X' show; PS1="
    for line in "\${@[2,-1]}"; do
      zpty -w -n shell "$line"$'\\t'
      zpty -w -n shell $'\\C-x'
      zpty -r -m shell output '*<llm-gw*>*'
      typed=(\${(z)\${\${output##*\\<}%%\\>*}})
      print -r -- "$typed[-1]"
      zpty -w -n shell $'\\C-u'
    done
    zpty -d shell`,
  fish: `
    source $argv[1]
    for line in $argv[2..]
      complete -C $line | string replace -r '\\t.*' ''; or true
    end`,
};

describe.each(["bash", "zsh", "fish"] as const)("in %s", (shell) => {
  test.skipIf(!isInstalled(shell))("commands, flags, their values and files are completed", async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, "script"), (await llmGw(folder, {}, ["completion", shell])).stdout);
    await writeFile(join(folder, "driver"), DRIVERS[shell]);
    await writeFile(join(folder, "gateway.json"), "{}");
    const env = { PATH: process.env.PATH, HOME: folder, TERM: "dumb" };
    const lines = LINES.map(([line]) => line);
    const { stdout } = await run(shell, ["driver", join(folder, "script"), ...lines], { cwd: folder, env });
    expect(stdout.trimEnd().split("\n")).toEqual(LINES.map(([, word]) => word));
  });
});

test("all flags of --help are completed", async () => {
  const folder = await temporaryFolder();
  const { stdout: help } = await llmGw(folder, {}, ["status", "--help"]);
  const { stdout: script } = await llmGw(folder, {}, ["completion", "bash"]);
  const flags = [...help.matchAll(/^ {2}(?:-\w, )?(--[\w-]+)/gm)].map(([, flag]) => flag);
  expect(flags.length).toBeGreaterThan(15);
  expect(script).toContain(`*:status:*) words="${flags.join(" ")}" ;;`);
});

test("another shell is an error that names those there are", async () => {
  const run = await llmGw(await temporaryFolder(), {}, ["completion", "tcsh"]);
  expect(run).toMatchObject({ code: 2, stdout: "" });
  expect(run.stderr).toMatch(/completion "tcsh": has to be one of bash, zsh, fish/);
});
