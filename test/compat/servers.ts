// Starts the emulators that a project of vitest.compat.config.ts asks for, and ends them after its last test.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { setTimeout as sleep } from "node:timers/promises";
import type { TestProject } from "vitest/node";
import { listen } from "../support/relay.ts";
import { EMULATORS } from "./emulators.ts";

declare module "vitest" {
  interface ProvidedContext {
    /** The python of the virtual environment. */
    python: string;
    /** botocore's folder with AWS's models. */
    models: string;
    /** Names of the emulators that the project needs. */
    wanted: readonly string[];
    /** Where they listen, by name: one for each worker. */
    emulators: Readonly<Record<string, readonly string[]>>;
    /** The folder that keeps what is asked of the local AWS. */
    recordings: string;
  }
}

const START_LIMIT_MS = 60_000;
const POLL_MS = 100;

export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const { python, wanted } = project.getProvidedContext();
  const model = await startEchoModel();
  const workers = Array.from({ length: project.config.maxWorkers });
  const running = await Promise.all(
    wanted.map(async (name) => ({
      name,
      servers: await Promise.all(workers.map(() => start(python, name, model.url))),
    })),
  );
  const urls = running.map(({ name, servers }) => [name, servers.map(({ url }) => url)]);
  project.provide("emulators", Object.fromEntries(urls));
  return async () => {
    const children = running.flatMap(({ servers }) => servers.map(({ child }) => child));
    await Promise.all([model.close(), ...children.map(end)]);
  };
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

async function start(python: string, name: string, model: string) {
  const emulator = EMULATORS[name];
  if (emulator === undefined) throw new Error(`there is no emulator ${name}`);
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const { args, env, health } = emulator.server(port, model);
  const child = spawn(python, ["-m", ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
    stdio: ["ignore", "ignore", "pipe"],
  });
  let said = "";
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said = (said + text).slice(-2_000);
  });
  const deadline = Date.now() + START_LIMIT_MS;
  while (!(await isHealthy(url + health))) {
    if (child.exitCode !== null || Date.now() > deadline) {
      await end(child);
      throw new Error(`${name} does not answer at ${url}${health}:\n${said}`);
    }
    await sleep(POLL_MS);
  }
  return { url, child };
}

async function isHealthy(url: string): Promise<boolean> {
  const answer = await fetch(url).catch(() => undefined);
  return answer?.ok === true;
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, "exit");
  child.kill("SIGTERM");
  const isLate = await Promise.race([ended.then(() => false), sleep(5_000, true, { ref: false })]);
  if (isLate) child.kill("SIGKILL");
  await ended;
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
