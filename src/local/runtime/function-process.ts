import { type ChildProcess, spawn } from "node:child_process";
import { StringDecoder } from "node:string_decoder";
import type { OrphanGuard } from "./orphan-guard.ts";

export interface Program {
  readonly command: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
}

export interface ProcessEnd {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Set when the program could not be started, for instance because it is not installed. */
  readonly startError?: NodeJS.ErrnoException;
}

/** A child process in a process group of its own: it ends together with everything it started. */
export class FunctionProcess {
  /** Settles when the process is gone and all its output has been handed on. Never rejects. */
  readonly ended: Promise<ProcessEnd>;
  readonly #child: ChildProcess;
  readonly #flushes: (() => void)[] = [];

  constructor(program: Program, guard: OrphanGuard, onLine: (line: string) => void) {
    // The child reads nothing from its stdin: a pipe there is how it notices that this process was killed.
    const child = spawn(program.command, program.args, {
      cwd: program.cwd,
      env: program.env,
      detached: process.platform !== "win32",
      windowsHide: true,
    });
    this.#child = child;
    const { pid } = child;
    if (pid !== undefined) {
      guard.add(pid);
      child.once("close", () => guard.remove(pid));
    }
    child.stdin.on("error", () => {});
    for (const stream of [child.stdout, child.stderr]) {
      this.#flushes.push(forwardLines(stream, onLine));
    }
    this.ended = new Promise((resolve) => {
      child.once("error", (startError) => resolve({ code: null, signal: null, startError }));
      // A grandchild may hold the output pipes open; without this "close" would wait for it.
      child.once("exit", () => this.kill());
      child.once("close", (code, signal) => {
        this.flush();
        resolve({ code, signal });
      });
    });
  }

  get pid(): number | undefined {
    return this.#child.pid;
  }

  /** Hands on what was written without a final line break. */
  flush(): void {
    for (const flush of this.#flushes) {
      flush();
    }
  }

  kill(): void {
    const { pid } = this.#child;
    if (pid === undefined) {
      return;
    }
    try {
      process.kill(process.platform === "win32" ? pid : -pid, "SIGKILL");
    } catch {
      // Already gone.
    }
  }
}

/**
 * What the bootstraps write in place of a line break within one record of `console` or `logging`, which AWS's runtimes hand
 * over in a frame. Not a carriage return: other output may have those, and keeps them.
 */
const BREAK_IN_RECORD = "\x1f";

function forwardLines(stream: NodeJS.ReadableStream, onLine: (line: string) => void): () => void {
  const decoder = new StringDecoder("utf8");
  const forward = (line: string) => onLine(line.replaceAll(BREAK_IN_RECORD, "\n"));
  let rest = "";
  stream.on("data", (chunk: Buffer) => {
    const lines = (rest + decoder.write(chunk)).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      forward(line);
    }
  });
  return () => {
    if (rest !== "") {
      forward(rest);
      rest = "";
    }
  };
}
