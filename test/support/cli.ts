import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { onTestFinished } from "vitest";

const PROGRAM = fileURLToPath(new URL("../../bin/llm-gw.js", import.meta.url));

export interface Run {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A new folder that is removed when the test ends. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-test-"));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Starts the built command line with nothing of this process's environment but PATH. */
export function start(cwd: string, env: Record<string, string>, args: readonly string[]): ChildProcess {
  return spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, AWS_EC2_METADATA_DISABLED: "true", ...env },
    stdio: ["pipe", "pipe", "pipe"],
  });
}

/** Waits for the end of a started command line. */
export function finished(child: ChildProcess): Promise<Run> {
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code, stdout, stderr }));
  });
}

/** Runs the command line to its end, with `input` as standard input. */
export function llmGw(cwd: string, env: Record<string, string>, args: readonly string[], input = ""): Promise<Run> {
  const child = start(cwd, env, args);
  child.stdin?.end(input);
  return finished(child);
}

/** Runs with --json and fails the test unless it succeeds with exactly one document. */
export async function llmGwJson(cwd: string, env: Record<string, string>, args: readonly string[]) {
  const run = await llmGw(cwd, env, [...args, "--json"]);
  if (run.code !== 0) throw new Error(`llm-gw ${args.join(" ")} ended with ${run.code}:\n${run.stdout}${run.stderr}`);
  return JSON.parse(run.stdout);
}
