// Runs the built command line inside this process, with a world that the test makes.
import { createRequire } from "node:module";
import { join } from "node:path";
import type { main as mainOfCli } from "../../src/cli.ts";
import { type Clock, systemClock } from "../../src/clock.ts";
import type { Io, Terminal } from "../../src/io.ts";
import { ScreenStream, seen } from "./screen.ts";

const ROOT = process.cwd();
const PROGRAM = join(ROOT, "bin", "llm-gw.js");
const cli: { readonly main: typeof mainOfCli } = createRequire(import.meta.url)(join(ROOT, "dist", "cli.cjs"));

/** Where both outputs go: files, or terminals of so many columns. */
export type Output = "piped" | { readonly columns: number; readonly colours: boolean };

export interface HereOptions {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string>>;
  readonly output?: Output;
  /** What a person at the terminal answers. */
  readonly answer?: string;
  readonly signal?: AbortSignal;
  readonly clock?: Clock;
  /** Changes what was written before it is shown on a terminal. */
  readonly normal?: (raw: string) => string;
  /** Hears of everything that is written to either output. */
  readonly onOutput?: (text: string) => void;
}

export interface HereRun {
  readonly code: number;
  /** What was written, or what stands on the screen in the end. */
  readonly stdout: string;
  readonly stderr: string;
  /** All that was written to standard error, frames included. */
  readonly rawStderr: string;
}

/** Time stands still, so that nothing that is shown depends on the machine's speed; waits still last. */
const stillClock: Clock = { now: () => Date.UTC(2026, 0, 1), elapsed: () => 0, sleep: systemClock.sleep };

export async function runHere(args: readonly string[], options: HereOptions): Promise<HereRun> {
  const {
    cwd,
    env,
    output = "piped",
    answer = "",
    signal,
    clock = stillClock,
    normal = (raw) => raw,
    onOutput,
  } = options;
  const columns = output === "piped" ? 80 : output.columns;
  const [out, err] = [new ScreenStream(columns), new ScreenStream(columns)];
  const terminal = (stream: ScreenStream): Terminal | undefined =>
    output === "piped" ? undefined : { ...output, stream };
  const io: Io = {
    cwd,
    env,
    stdout(text) {
      out.write(text);
      onOutput?.(text);
    },
    flush: async () => undefined,
    stderr(text) {
      err.write(text);
      onOutput?.(text);
    },
    hide: () => undefined,
    stdin: async () => "",
    async ask(question) {
      err.write(`${question}${answer}\n`);
      return answer;
    },
    interactive: output !== "piped",
    terminals: { stdout: terminal(out), stderr: terminal(err) },
    signal: signal ?? new AbortController().signal,
    outputClosed: new AbortController().signal,
    clock,
    program: [process.execPath, PROGRAM],
  };
  const code = await cli.main([...args], io);
  const shown = (raw: string) => (output === "piped" ? normal(raw) : seen(normal(raw), columns));
  return { code, stdout: shown(out.raw), stderr: shown(err.raw), rawStderr: err.raw };
}
