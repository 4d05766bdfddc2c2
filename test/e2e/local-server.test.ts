// `llm-gw local` as a process: who can reach it, and how it ends.
import { once } from "node:events";
import { mkdir, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { networkInterfaces } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import * as z from "zod";
import { llmGw, llmGwJson, start, temporaryFolder } from "../support/cli.ts";
import { isAlive } from "../support/is-alive.ts";

/** Starts `llm-gw local` on a free port; `ended` settles with its exit code. */
async function startLocal(...flags: string[]) {
  const folder = await temporaryFolder();
  const child = start(folder, {}, ["local", "--port", "0", "--json", ...flags]);
  onTestFinished(() => void child.kill("SIGKILL"));
  const ended = once(child, "close").then(([code]) => code);
  const [printed] = await once(child.stdout ?? child, "data");
  const { url, env } = JSON.parse(String(printed));
  return { folder, child, ended, url: String(url), env };
}

/** The status of a GET with a Host header of its own. */
async function getAs(host: string, url: string): Promise<number | undefined> {
  const sent = request(url, { headers: { host } });
  sent.end();
  const [answer] = await once(sent, "response");
  answer.resume();
  return answer.statusCode;
}

const others = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .filter(({ internal, family }) => !internal && family === "IPv4");

test.skipIf(others.length === 0)("it listens on the loopback alone", async () => {
  const { url } = await startLocal();
  for (const { address } of others) {
    const elsewhere = new URL("/_llm-gw/health", url);
    elsewhere.hostname = address;
    await expect(fetch(elsewhere)).rejects.toThrow("fetch failed");
  }
});
if (others.length === 0) process.stderr.write("skipped: this machine has no address but the loopback's\n");

test("a name that is not the loopback's gets nothing, whatever address it leads to", async () => {
  const { url } = await startLocal();
  const health = `${url}/_llm-gw/health`;
  const { port } = new URL(url);
  expect(await getAs(`127.0.0.1:${port}`, health)).toBe(200);
  expect(await getAs(`localhost:${port}`, health)).toBe(200);
  for (const host of ["evil.example", `evil.example:${port}`, "127.0.0.1.evil.example"]) {
    expect(await getAs(host, health)).toBe(403);
    expect(await getAs(host, `${url}/execute-api/x/prod`)).toBe(403);
  }
});

test.each(["SIGTERM", "SIGINT", "SIGHUP"] as const)("%s ends it and every process it started", async (signal) => {
  const { folder, child, ended, env } = await startLocal();
  await mkdir(join(folder, "app"));
  await writeFile(join(folder, "app", "index.mjs"), "export const handler = async () => ({ pid: process.pid });");
  const { endpoint } = await llmGwJson(folder, env, ["deploy", "--code", "app", ...NODE]);
  const { pid } = z.object({ pid: z.int() }).parse(await (await fetch(endpoint, { method: "POST" })).json());
  expect(isAlive(pid)).toBe(true);
  child.kill(signal);
  expect(await ended).toBe(0);
  expect(isAlive(pid)).toBe(false);
  await expect(fetch(endpoint)).rejects.toThrow("fetch failed");
});

test("local stop ends the one at --port, and no other", async () => {
  const [usual, other] = [await startLocal(), await startLocal()];
  const env = { LLM_GW_LOCAL_PORT: new URL(usual.url).port };
  const { port } = new URL(other.url);
  const stop = () => llmGwJson(usual.folder, env, ["local", "stop", "--port", port]);
  expect(await stop()).toEqual({ stopped: true });
  expect(await other.ended).toBe(0);
  expect(await stop()).toEqual({ stopped: false });
  expect((await fetch(`${usual.url}/_llm-gw/health`)).status).toBe(200);
  expect(await llmGw(usual.folder, env, ["local", "stop", "--page-size", "2"])).toMatchObject({
    code: 2,
    stderr: "error: local stop takes no --page-size\nhint: It is for: llm-gw local\n",
  });
});

test("a second one at the same port says how to end the first, and what leads other clients there", async () => {
  const { folder, url } = await startLocal();
  const { port } = new URL(url);
  expect(await llmGw(folder, {}, ["local", "--port", port])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(
      `runs already at port ${port}\nhint: End it with: llm-gw local stop --port ${port}. Other AWS clients reach it with: export AWS_ENDPOINT_URL=${url} AWS_REGION=us-east-1 `,
    ),
  });
  expect(await llmGw(folder, { LLM_GW_LOCAL_PORT: port, npm_command: "exec" }, ["local"])).toMatchObject({
    code: 1,
    stderr: expect.stringContaining(`hint: End it with: LLM_GW_LOCAL_PORT=${port} npx llm-gw local stop. `),
  });
});

const NODE = ["--runtime", "nodejs22.x", "--handler", "index.handler", "--auth", "none"];

test("signatures are verified when asked for, for keys it does not know as well", async () => {
  const { folder, env } = await startLocal("--verify-keys");
  expect(await llmGw(folder, env, ["status"])).toMatchObject({ code: 0 });
  const other = { ...env, AWS_ACCESS_KEY_ID: "AKIAOTHER", AWS_SECRET_ACCESS_KEY: "other" };
  expect(await llmGw(folder, other, ["status"])).toMatchObject({ code: 1 });
  expect(await llmGw(folder, { ...env, AWS_SECRET_ACCESS_KEY: "wrong" }, ["status"])).toMatchObject({ code: 1 });
});

test.each([
  [["--page-size", "0"], "error: --page-size has to be at least 1\nhint: "],
  [["--latency", "99999999"], "error: --latency has to be at most 3600000\nhint: "],
  [["--timing", "slow"], '--timing "slow": has to be one of off, realistic, hostile'],
])("%j is refused", async (flags, message) => {
  const folder = await temporaryFolder();
  expect(await llmGw(folder, {}, ["local", ...flags])).toMatchObject({
    code: 2,
    stderr: expect.stringContaining(message),
  });
});
