import { backoff, until, untold } from "../aws/retry.ts";
import { issueText } from "../config/issue-text.ts";
import type { Flags } from "../config/settings.ts";
import { GatewayError, usageError } from "../errors.ts";
import { hasCode } from "../fs-error.ts";
import type { Io } from "../io.ts";
import { startLocalAws } from "../local/server.ts";
import { type TimingChange, timingChange } from "../local/timing.ts";
import { wrapped } from "../text.ts";
import { assignments, localAwsPid, localPort, localVariables, portInUse } from "./local-aws.ts";

/** Of other clients, unless they name one. */
const REGION = "us-east-1";
const STOP_LIMIT_MS = 10_000;
const STOP_FLAGS: readonly string[] = ["port", "json", "verbose"];

/** Runs the local AWS until it is interrupted or terminated, which is how it ends: with exit code 0. */
export async function local(flags: Flags, io: Io): Promise<void> {
  const port = portOf(flags, io);
  const aws = await startLocalAws({
    port,
    timing: timingOf(flags),
    knownKeysOnly: flags.verifyKeys === true,
  }).catch(async (error: unknown) => {
    if (hasCode(error, "EADDRINUSE") && (await localAwsPid(io, port)) !== undefined) {
      const variables = assignments(localVariables(`http://127.0.0.1:${port}`, REGION));
      throw new GatewayError("LocalAwsRunning", `the local AWS runs already at port ${port}`, {
        hint: `End it with: llm-gw local stop${port === localPort(io) ? "" : ` --port ${port}`}. Other AWS clients reach it with: export ${variables}`,
      });
    }
    throw hasCode(error, "EADDRINUSE", "EACCES") ? portInUse(port) : error;
  });
  const line = `The local AWS runs at ${aws.url} until Ctrl-C. Other AWS clients reach it with:`;
  io.stderr(`${wrapped(line, io.terminals.stderr)}\n`);
  const env = localVariables(aws.url, REGION);
  io.stdout(flags.json === true ? `${JSON.stringify({ url: aws.url, env })}\n` : `export ${assignments(env)}\n`);
  await new Promise<void>((resolve) => {
    // It may have come while the server was starting.
    if (io.signal.aborted) resolve();
    io.signal.addEventListener("abort", () => resolve(), { once: true });
  });
  await aws.close();
}

export interface StopResult {
  readonly stopped: boolean;
}

/**
 * Ends the local AWS that runs at the port of --port, else at its usual one, and all it holds.
 * @throws GatewayError Usage for flags of a local AWS that is to be started
 */
export async function stopLocal(flags: Flags, io: Io): Promise<StopResult> {
  const other = Object.keys(flags).find((name) => !STOP_FLAGS.includes(name));
  if (other !== undefined) throw usageError(`local stop takes no ${dashed(other)}`, "It is for: llm-gw local");
  const port = portOf(flags, io);
  const pid = await localAwsPid(io, port, "It is not the local AWS that listens there. Name its port with --port.");
  if (pid === undefined) return { stopped: false };
  process.kill(pid, "SIGTERM");
  const wait = {
    clock: io.clock,
    signal: io.signal,
    what: `the local AWS, process ${pid}, to end`,
    limitMs: STOP_LIMIT_MS,
    pauseMs: backoff(25, 250),
    waiting: untold,
  };
  await until(wait, async () => {
    const now = await localAwsPid(io, port).catch((error: unknown) => {
      if (error instanceof GatewayError) return pid;
      throw error;
    });
    return now === undefined ? { done: undefined } : { notYet: "it still answers" };
  });
  return { stopped: true };
}

function portOf(flags: Flags, io: Io): number {
  return typeof flags.port === "number" ? flags.port : localPort(io);
}

/** Each flag and the value of the timing it sets. */
const TIMING_FLAGS = {
  timing: "timing",
  latencyMs: "latency",
  rolePropagationMs: "roleDelay",
  functionSettleMs: "functionDelay",
  deploymentMs: "deploymentDelay",
  readLagMs: "readLag",
  writeMs: "writeLag",
  rates: "rates",
  pageSize: "pageSize",
} as const satisfies Record<keyof TimingChange, string>;

/** @throws GatewayError for a value that is out of its range */
function timingOf(flags: Flags): TimingChange {
  const given = Object.entries(TIMING_FLAGS).map(([value, flag]) => [value, flags[flag]]);
  const change = timingChange.safeParse(Object.fromEntries(given), { error: issueText });
  if (change.success) return change.data;
  const hint = "llm-gw local --help says what each flag does; times are in milliseconds.";
  const [issue] = change.error.issues;
  const flag = Object.entries(TIMING_FLAGS).find(([value]) => value === issue?.path[0])?.[1] ?? "timing";
  throw usageError(`${dashed(flag)} ${issue?.message}`, hint);
}

/** `pageSize` is given as `--page-size`. */
function dashed(flag: string): string {
  return `--${flag.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
