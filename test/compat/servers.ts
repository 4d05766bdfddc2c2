// The emulators of a test file: each has its own, started when it first asks and ended after its last test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import { inject } from "vitest";
import { listen } from "../support/relay.ts";
import { EMULATORS } from "./emulators.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The python of the virtual environment. */
    python: string;
    /** botocore's folder with AWS's models. */
    models: string;
    /** The folder that keeps what is asked of the local AWS. */
    recordings: string;
  }
}

const START_LIMIT_MS = 60_000;
const POLL_MS = 100;

interface Running {
  readonly url: string;
  end(): Promise<void>;
}

const running = new Map<string, Promise<Running>>();

/** The address of the emulator that this file alone uses. */
export async function emulatorUrl(name: string): Promise<string> {
  const server = running.get(name) ?? start(name);
  running.set(name, server);
  return (await server).url;
}

export async function endEmulators(): Promise<void> {
  await Promise.all([...running.values()].map(async (server) => (await server).end()));
}

/** A server with OpenAI's API whose model says again what it is told: ministack asks one in place of Bedrock's models. */
async function startEchoModel() {
  return listen(async ({ body }, outgoing) => {
    const { messages }: { messages: { content: string }[] } = JSON.parse(body.toString("utf8"));
    const message = { role: "assistant", content: `[echo] ${messages.at(-1)?.content}` };
    const answer = { choices: [{ message, finish_reason: "stop" }], usage: { prompt_tokens: 1, completion_tokens: 1 } };
    outgoing.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(answer));
  });
}

async function start(name: string): Promise<Running> {
  const emulator = EMULATORS[name];
  if (emulator === undefined) throw new Error(`there is no emulator ${name}`);
  const model = await startEchoModel();
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { args, env, health } = emulator.server(port, model.url);
  const child = spawn(inject("python"), ["-m", ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  // Where the tests are broken off, no afterAll runs.
  process.once("exit", () => child.kill("SIGKILL"));
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const end = async () => {
    await Promise.all([model.close(), ended(child)]);
  };
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isHealthy(url + health))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await end();
      throw new Error(`${name} does not answer at ${url}${health}:\n${said}`);
    }
    await sleep(POLL_MS);
  }
  return { url, end };
}

async function isHealthy(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok === true;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, "exit");
  child.kill("SIGTERM");
  const isLate = await Promise.race([exit.then(() => false), sleep(5_000, true, { ref: false })]);
  if (isLate) child.kill("SIGKILL");
  await exit;
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, "127.0.0.1");
  await once(probe, "listening");
  const address = probe.address();
  probe.close();
  await once(probe, "close");
  if (typeof address !== "object" || address === null) throw new Error("there is no free port");
  return address.port;
}
