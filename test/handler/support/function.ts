import { spawn } from "node:child_process";
import { join } from "node:path";
import { pathToFileURL } from "node:url";

/** Calls the handler as Lambda does: in a process of its own, events and answers as JSON. */
const HOST = `
const { handler } = await import(process.argv[1]);
process.on("message", async ({ id, event, remainingMs }) => {
  const end = performance.now() + remainingMs;
  const result = await handler(event, {
    awsRequestId: "request-" + id,
    getRemainingTimeInMillis: () => end - performance.now(),
  });
  process.send({ id, result });
});
`;

export interface RunningFunction {
  /** One invocation; `remainingMs` is what Lambda says is left of the function's time. */
  invoke(event: unknown, remainingMs?: number): Promise<unknown>;
  /** Ends the process and tells what it printed. */
  stop(): Promise<{ readonly stdout: string; readonly stderr: string }>;
}

/** Starts the function bundled in `folder`. `env` is its whole environment. */
export function startFunction(folder: string, env: Readonly<Record<string, string>> = {}): RunningFunction {
  const entry = pathToFileURL(join(folder, "index.mjs")).href;
  const child = spawn(process.execPath, ["--input-type=module", "--eval", HOST, entry], {
    env: { ...env },
    stdio: ["ignore", "pipe", "pipe", "ipc"],
  });
  let stdout = "";
  let stderr = "";
  child.stdout?.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  const waiting = new Map<number, (result: unknown) => void>();
  child.on("message", (message: { id: number; result: unknown }) => {
    waiting.get(message.id)?.(message.result);
    waiting.delete(message.id);
  });
  let last = 0;

  return {
    invoke(event, remainingMs = 60_000) {
      last += 1;
      const id = last;
      const result = new Promise<unknown>((resolve) => waiting.set(id, resolve));
      const died = closed.then(() => Promise.reject(new Error(`The function's process ended: ${stderr}`)));
      child.send({ id, event, remainingMs });
      return Promise.race([result, died]);
    },
    async stop() {
      child.kill();
      await closed;
      return { stdout, stderr };
    },
  };
}
