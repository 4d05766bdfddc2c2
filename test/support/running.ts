import type { ChildProcess } from "node:child_process";
import { onTestFinished } from "vitest";
import { finished, type Run, start } from "./cli.ts";
import { OutputSoFar } from "./output-so-far.ts";

/** A command line that runs until it is told to end. */
export interface Running {
  readonly child: ChildProcess;
  /** Waits until both outputs together, which begin anew after each match, have this; gives what is up to its end. */
  until(pattern: RegExp): Promise<string>;
  readonly ended: Promise<Run>;
}

/** Starts the built command line; it ends with the test at the latest. */
export function running(cwd: string, env: Record<string, string>, args: readonly string[]): Running {
  const child = start(cwd, env, args);
  onTestFinished(() => void child.kill("SIGKILL"));
  const output = new OutputSoFar();
  for (const stream of [child.stdout, child.stderr]) {
    stream?.setEncoding("utf8").on("data", (text: string) => output.add(text));
  }
  const ended = finished(child);
  const endedBefore = async (pattern: RegExp) => {
    await ended;
    throw new Error(`it ended without ${pattern}:\n${output.rest}`);
  };
  return { child, ended, until: (pattern) => Promise.race([output.until(pattern), endedBefore(pattern)]) };
}
