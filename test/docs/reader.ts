import { type ChildProcess, spawn } from "node:child_process";
import { mkdir, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { startLocal } from "../support/served-aws.ts";

const STUBS = fileURLToPath(new URL("bin", import.meta.url));
const STOP_LIMIT_MS = 10_000;

/** How a command ended, and what a terminal would have shown of it. */
export interface Shown {
  readonly code: number | null;
  readonly output: string;
}

/**
 * Somebody who does what a page says: in an empty folder, after `npm ci && npm link` and a login to an empty account,
 * for which a local AWS stands. What is deployed with --local goes to another one, on a port of its own. When `signal` is
 * aborted, the command under way is killed.
 */
export async function startReader(signal: AbortSignal) {
  const root = await mkdtemp(join(tmpdir(), "llm-gw-docs-"));
  const folder = join(root, "folder");
  await mkdir(folder);
  const aws = await startLocal();
  const env = {
    PATH: [STUBS, process.env.PATH].join(delimiter),
    HOME: root,
    TMPDIR: root,
    LLM_GW_LOCAL_PORT: await freePort(),
    AWS_ENDPOINT_URL: aws.url,
    AWS_ACCESS_KEY_ID: aws.env.AWS_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: aws.env.AWS_SECRET_ACCESS_KEY,
    AWS_EC2_METADATA_DISABLED: "true",
  };
  const bash = (script: string): ChildProcess =>
    spawn("bash", ["-euo", "pipefail", "-c", `exec 2>&1\n${script}`], {
      cwd: folder,
      env,
      detached: true,
      stdio: ["ignore", "pipe", "inherit"],
    });
  return {
    async write(path: string, text: string): Promise<void> {
      await mkdir(dirname(join(folder, path)), { recursive: true });
      await writeFile(join(folder, path), text);
    },
    /** Runs a script to its end; or until `isEnough` says so of its output, when it is interrupted as by Ctrl-C. */
    run: (script: string, isEnough?: (output: string) => boolean): Promise<Shown> =>
      watch(bash(script), signal, isEnough),
    async leave(): Promise<void> {
      await watch(bash("llm-gw local stop"), AbortSignal.timeout(STOP_LIMIT_MS));
      await aws.close();
      await rm(root, { recursive: true, force: true });
    },
  };
}

export type Reader = Awaited<ReturnType<typeof startReader>>;

function watch(child: ChildProcess, signal: AbortSignal, isEnough?: (output: string) => boolean): Promise<Shown> {
  let output = "";
  let isInterrupted = false;
  // The group: what bash has started as well.
  const kill = (name: NodeJS.Signals) => child.pid !== undefined && process.kill(-child.pid, name);
  const abort = () => kill("SIGKILL");
  signal.addEventListener("abort", abort);
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    output += text;
    if (isInterrupted || !isEnough?.(output)) return;
    isInterrupted = true;
    kill("SIGINT");
  });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => {
      signal.removeEventListener("abort", abort);
      resolve({ code, output });
    });
  });
}

async function freePort(): Promise<string> {
  const probe = await startLocal();
  await probe.close();
  return new URL(probe.url).port;
}
