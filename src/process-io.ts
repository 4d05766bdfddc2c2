import type { WriteStream } from "node:tty";
import { systemClock } from "./clock.ts";
import { fileTrouble, hasCode, reasonOf } from "./fs-error.ts";
import type { Io, Terminal } from "./io.ts";

/** What ends sooner after Ctrl-C needs no explanation. */
const PATIENCE_MS = 1_000;

/**
 * The world of a real process. The first Ctrl-C, SIGTERM or SIGHUP (its terminal was closed) aborts `signal`; the second
 * ends the process at once.
 * @param script the program that runs, to start it again in the background
 */
export function processIo(script: string): Io {
  // The SDK would print a warning about Node 20 that no user of this tool can act on [aws 1.2].
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const interrupt = new AbortController();
  let interrupted = false;
  const onSignal = async () => {
    if (interrupted) process.exit(130);
    interrupted = true;
    const say = () => process.stderr.write("finishing the calls under way; Ctrl-C again ends at once\n");
    setTimeout(say, PATIENCE_MS).unref();
    const { GatewayError } = await import("./errors.ts");
    interrupt.abort(new GatewayError("Interrupted", "interrupted", { exitCode: 130 }));
  };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, onSignal);
  // Whoever reads the output may stop early, like head: what has work to do goes on, and there is nobody to tell.
  const outputClosed = new AbortController();
  let lastWrite: Promise<void> | undefined;
  let lost: Error | undefined;
  process.stdout.on("error", (error) => {
    lost ??= error;
    outputClosed.abort();
  });
  process.stderr.on("error", () => undefined);
  return {
    get cwd() {
      return process.cwd();
    },
    env: process.env,
    stdout(output) {
      lastWrite = new Promise((resolve) => {
        process.stdout.write(output, (error) => {
          lost ??= error ?? undefined;
          resolve();
        });
      });
    },
    async flush() {
      await lastWrite;
      // A socket's reader that goes before it has read everything resets it.
      if (lost === undefined || hasCode(lost, "EPIPE", "ECONNRESET")) return undefined;
      const { GatewayError } = await import("./errors.ts");
      return new GatewayError("FileFailed", `the results cannot be written: ${reasonOf(lost)}`, {
        cause: lost,
        hint: fileTrouble(lost)?.hint ?? "Write them elsewhere.",
      });
    },
    stderr: (output) => void process.stderr.write(output),
    hide: () => undefined,
    async stdin() {
      const [{ addAbortSignal }, { text }] = await Promise.all([
        import("node:stream"),
        import("node:stream/consumers"),
      ]);
      try {
        return await text(addAbortSignal(interrupt.signal, process.stdin));
      } catch (error) {
        interrupt.signal.throwIfAborted();
        throw error;
      }
    },
    async ask(question) {
      const { createInterface } = await import("node:readline/promises");
      const terminal = createInterface({ input: process.stdin, output: process.stderr });
      // While it reads a line, the terminal's Ctrl-C is a key and no signal.
      terminal.on("SIGINT", onSignal);
      try {
        return await terminal.question(question, { signal: interrupt.signal });
      } catch (error) {
        interrupt.signal.throwIfAborted();
        // Ctrl-D: no answer.
        if (error instanceof Error && error.name === "AbortError") return "";
        throw error;
      } finally {
        terminal.close();
      }
    },
    get interactive() {
      // In this order: opening stdin takes 2 ms, which nothing else needs.
      return Boolean(process.stderr.isTTY && process.stdin.isTTY);
    },
    terminals: { stdout: terminalOf(process.stdout), stderr: terminalOf(process.stderr) },
    signal: interrupt.signal,
    outputClosed: outputClosed.signal,
    clock: systemClock,
    program: [process.execPath, script],
  };
}

/** undefined for a file, a pipe, and a terminal that can do no more than a pipe. */
function terminalOf(stream: WriteStream): Terminal | undefined {
  // A spinner never ends drawing itself where there are no columns, as under script(1).
  if (!stream.isTTY || !(stream.columns > 0) || process.env.TERM === "dumb") return undefined;
  return {
    get columns() {
      return stream.columns;
    },
    colours: stream.hasColors(),
    stream,
  };
}
