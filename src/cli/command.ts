import type { Command } from "commander";
import type { Flags } from "../config/settings.ts";
import type { ExitCode } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";

/** What an action hands back: a document for --json, lines for people, and how the process ends. */
interface Outcome {
  readonly json: object;
  readonly lines: readonly string[];
  readonly exitCode?: ExitCode;
}

/** An action that has printed everything itself hands back at most how the process ends. */
export type Action = (flags: Flags, io: Io, progress: Progress) => Promise<Outcome | ExitCode | undefined>;

/** Runs an action with the flags that were given. */
export type Act = (action: Action, flags: Flags) => Promise<void>;

/** One command of the command line. Its action is loaded when it runs, so that --help costs nothing. */
export interface CommandSpec {
  readonly name: string;
  readonly description: string;
  /** Adds arguments, flags and action. */
  readonly define: (command: Command, act: Act) => void;
}
