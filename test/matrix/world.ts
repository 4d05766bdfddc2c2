// One account, one folder, and command lines run there: inside this process, or as processes of their own.
import { spawn } from "node:child_process";
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { main as mainOfCli } from "../../src/cli.ts";
import { systemClock } from "../../src/clock.ts";
import type { Io } from "../../src/io.ts";
import type { Snapshot } from "../../src/local/regions.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";
import { UPSTREAM_KEY } from "./secrets.ts";

const ROOT = process.cwd();
const PROGRAM = join(ROOT, "bin", "llm-gw.js");
/** The built command line: what is shipped is what is tried. */
const cli: { readonly main: typeof mainOfCli } = createRequire(import.meta.url)(join(ROOT, "dist", "cli.cjs"));

export interface Run {
  /** undefined: killed. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

/** What the state folder holds, by the name of the file. */
export type StateFiles = ReadonlyMap<string, string>;

export interface World {
  readonly aws: LocalTestAws;
  readonly folder: string;
  /** What the local AWS has logged. */
  readonly log: readonly string[];
  /** The titles of the processes that were looked at. */
  readonly titles: string[];
  /** Notes the title of a process. */
  lookAt(child: Child): Promise<void>;
  /** Called with each line of the local AWS's log. */
  onLog: (line: string) => void;
  configure(config: object): Promise<void>;
  run(args: readonly string[]): Promise<Run>;
  /** Starts a real process; `started` gets it, to send it signals and look at it. */
  spawn(args: readonly string[], started: (child: Child) => void): Promise<Run>;
  stateFiles(): Promise<StateFiles>;
  /** Makes the state folder hold exactly these files. */
  setStateFiles(files: StateFiles): Promise<void>;
}

interface Child {
  readonly pid: number | undefined;
  kill(signal: "SIGKILL" | "SIGINT"): void;
}

/** Runs `work` in an account and a folder of its own, which end with it. */
export async function inWorld<T>(start: Snapshot | undefined, work: (world: World) => Promise<T>): Promise<T> {
  const log: string[] = [];
  const aws = await startLocal((line) => {
    log.push(line);
    world.onLog(line);
  });
  const folder = await mkdtemp(join(tmpdir(), "llm-gw-matrix-"));
  const titles: string[] = [];
  const world: World = {
    ...worldOf(aws, folder),
    log,
    titles,
    lookAt: async ({ pid }) => void titles.push(await titleOf(pid)),
  };
  try {
    if (start !== undefined) aws.restore(start);
    return await work(world);
  } finally {
    // Whatever still hangs ends with the account.
    await aws.faults();
    await Promise.all([aws.close(), rm(folder, { recursive: true, force: true })]);
  }
}

function worldOf(aws: LocalTestAws, folder: string): Omit<World, "log" | "titles" | "lookAt"> {
  const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port, OPENAI_API_KEY: UPSTREAM_KEY };
  const state = join(folder, ".llm-gw");
  return {
    aws,
    folder,
    onLog: () => undefined,
    configure: (config) => writeFile(join(folder, "llm-gw.json"), JSON.stringify(config)),
    run: (args) => runHere(folder, env, args),
    spawn: (args, started) => runProcess(folder, env, args, started),
    async stateFiles() {
      const names = await readdir(state).catch(() => []);
      return new Map(
        await Promise.all(names.map(async (name) => [name, await readFile(join(state, name), "utf8")] as const)),
      );
    },
    async setStateFiles(files) {
      await rm(state, { recursive: true, force: true });
      if (files.size > 0) await mkdir(state);
      for (const [name, text] of files) await writeFile(join(state, name), text);
    },
  };
}

/** As ps and top show it; "" where the system does not tell. */
async function titleOf(pid: number | undefined): Promise<string> {
  const parts = ["cmdline", "comm"].map((name) => readFile(`/proc/${pid}/${name}`, "utf8").catch(() => ""));
  return (await Promise.all(parts)).join("\n");
}

async function runHere(cwd: string, env: Io["env"], args: readonly string[]): Promise<Run> {
  let stdout = "";
  let stderr = "";
  const io: Io = {
    cwd,
    env,
    stdout: (text) => {
      stdout += text;
    },
    stderr: (text) => {
      stderr += text;
    },
    hide: () => undefined,
    stdin: async () => "",
    ask: async () => "",
    interactive: false,
    signal: new AbortController().signal,
    outputClosed: new AbortController().signal,
    clock: systemClock,
    program: [process.execPath, PROGRAM],
  };
  const code = await cli.main([...args], io);
  return { code, stdout, stderr };
}

function runProcess(
  cwd: string,
  env: Readonly<Record<string, string>>,
  args: readonly string[],
  started: (child: Child) => void,
): Promise<Run> {
  const child = spawn(process.execPath, [PROGRAM, ...args], {
    cwd,
    env: { PATH: process.env.PATH, HOME: cwd, AWS_EC2_METADATA_DISABLED: "true", ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  started({ pid: child.pid, kill: (signal) => void child.kill(signal) });
  return new Promise((resolve, reject) => {
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? undefined, stdout, stderr }));
  });
}
