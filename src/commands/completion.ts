import type { Command } from "commander";
import { bash } from "../completion/bash.ts";
import { commandLine } from "../completion/command-line.ts";
import { fish } from "../completion/fish.ts";
import { zsh } from "../completion/zsh.ts";

const SHELLS = { bash, zsh, fish };

export type Shell = keyof typeof SHELLS;

export interface CompletionResult {
  readonly shell: Shell;
  /** With which the shell completes the program's commands, flags and values. */
  readonly script: string;
  readonly lines: readonly string[];
}

export function completion(program: Command, shell: Shell): CompletionResult {
  const script = SHELLS[shell](commandLine(program));
  return { shell, script, lines: [script.trimEnd()] };
}
