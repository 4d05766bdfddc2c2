// Finds, starts and stops the local AWS that runs in the background.
import { open } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as z from "zod/mini";
import { backoff, until, untold } from "../aws/retry.ts";
import { GatewayError, usageError } from "../errors.ts";
import { hasCode } from "../fs-error.ts";
import { type HttpAnswer, send } from "../http.ts";
import type { Io } from "../io.ts";
import { parseJson } from "../json.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../local/credentials.ts";
import { addressed } from "./command-lines.ts";

const DEFAULT_PORT = 4577;
const START_LIMIT_MS = 10_000;
const HEALTH_LIMIT_MS = 5_000;

const healthSchema = z.object({
  service: z.literal("llm-gw local AWS"),
  // Signals to 0 and below go to whole groups of processes.
  pid: z.int().check(z.positive()),
  version: z.number(),
});

/** The port of the local AWS: `LLM_GW_LOCAL_PORT`, else 4577. */
export function localPort({ env }: Pick<Io, "env">): number {
  const text = env.LLM_GW_LOCAL_PORT;
  if (text === undefined || text === "") return DEFAULT_PORT;
  const port = Number(text);
  if (Number.isInteger(port) && port > 0 && port < 65_536) return port;
  throw usageError(`LLM_GW_LOCAL_PORT "${text}" is no port`, "A port is a number from 1 to 65535.");
}

/**
 * The variables that lead AWS's own clients to a local AWS.
 * @param region left out where they are for a command that names one itself
 */
export function localVariables(url: string, region?: string): Readonly<Record<string, string>> {
  return {
    AWS_ENDPOINT_URL: url,
    // The second is the only name that botocore and the AWS command line know.
    ...(region === undefined ? {} : { AWS_REGION: region, AWS_DEFAULT_REGION: region }),
    AWS_ACCESS_KEY_ID: LOCAL_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: LOCAL_SECRET_ACCESS_KEY,
  };
}

/** As a shell takes them, in front of a command or behind `export`. */
export function assignments(variables: Readonly<Record<string, string>>): string {
  return Object.entries(variables)
    .map(([name, value]) => `${name}=${value}`)
    .join(" ");
}

export function localUrl(io: Pick<Io, "env">): string {
  return `http://127.0.0.1:${localPort(io)}`;
}

/**
 * The process id of the local AWS that runs at a port; undefined when none does.
 * @param hint for when something else answers there
 * @throws GatewayError PortInUse then
 */
export async function localAwsPid(io: Io, port = localPort(io), hint?: string): Promise<number | undefined> {
  let answer: HttpAnswer;
  try {
    const limits = { limitMs: HEALTH_LIMIT_MS, signal: io.signal };
    answer = await send("GET", `http://127.0.0.1:${port}/_llm-gw/health`, {}, undefined, limits);
  } catch (error) {
    io.signal.throwIfAborted();
    if (hasCode(error, "ECONNREFUSED", "ECONNRESET")) return undefined;
    throw portInUse(port, hint);
  }
  const health = healthSchema.safeParse(parseJson(answer.text));
  if (!health.success) throw portInUse(port, hint);
  return health.data.pid;
}

/** Starts the local AWS in the background unless it runs. `say` hears what happens. */
export async function ensureLocalAws(io: Io, say: (line: string) => void): Promise<void> {
  if ((await localAwsPid(io)) !== undefined) return;
  const port = localPort(io);
  const logPath = join(tmpdir(), `llm-gw-local-${port}.log`);
  const log = await open(logPath, "a", 0o600);
  // Loading it takes 4 ms, and most often the local AWS runs.
  const { spawn } = await import("node:child_process");
  const child = spawn(io.program[0], [...io.program.slice(1), "local", "--port", String(port)], {
    // A process that outlives this one must not hold on to the user's folder.
    cwd: tmpdir(),
    detached: true,
    stdio: ["ignore", log.fd, log.fd],
  });
  child.unref();
  await log.close();
  const wait = {
    clock: io.clock,
    signal: io.signal,
    what: `the local AWS to start (its log is ${logPath})`,
    limitMs: START_LIMIT_MS,
    pauseMs: backoff(25, 250),
    waiting: untold,
  };
  await until(wait, async () => {
    // Perhaps another command's, which was faster.
    if ((await localAwsPid(io)) !== undefined) return { done: undefined };
    if (child.exitCode !== null) {
      throw new GatewayError("LocalAwsFailed", "the local AWS did not start", { hint: `Its log is ${logPath}` });
    }
    return { notYet: "no answer" };
  });
  say(addressed(`started the local AWS at ${localUrl(io)}; it runs until: llm-gw local stop`, {}, io));
}

/** @throws GatewayError LocalAwsNotRunning: what the local AWS held ended with it */
export async function requireLocalAws(io: Io): Promise<void> {
  if ((await localAwsPid(io)) !== undefined) return;
  throw new GatewayError("LocalAwsNotRunning", "the local AWS is not running, and nothing is deployed to it", {
    hint: "Start it with: llm-gw deploy --local",
  });
}

export function portInUse(port: number, hint = chooseAnother(port)): GatewayError {
  return new GatewayError("PortInUse", `port ${port} is in use, or not for you to use`, { hint });
}

function chooseAnother(port: number): string {
  return `Choose another one: LLM_GW_LOCAL_PORT=${port < 65_535 ? port + 1 : DEFAULT_PORT}`;
}
