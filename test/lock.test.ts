import { fork } from "node:child_process";
import { once } from "node:events";
import { readdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { expect, test } from "vitest";
import { systemClock } from "../src/clock.ts";
import { withLock } from "../src/lock.ts";
import { temporaryFolder } from "./support/cli.ts";

/** Waits, in no time, as long as anybody would. */
function waiter() {
  let now = 0;
  const sleep = async (ms: number) => {
    now += ms;
  };
  const said: string[] = [];
  const signal = new AbortController().signal;
  return {
    clock: { now: () => Date.now(), elapsed: () => now, sleep },
    signal,
    said,
    waiting: (what: string) => void said.push(what),
  };
}

const io = waiter();
const DEAD = { pid: 2 ** 22 + 1, host: hostname(), since: "2026-01-01T00:00:00.000Z", token: "dead" };

test("holds while the work runs, and leaves nothing but the .gitignore", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const names = await withLock(path, io, async () => {
    const other = waiter();
    await expect(withLock(path, other, async () => undefined)).rejects.toMatchObject({ code: "Locked" });
    expect(other.said[0]).toContain(`process ${process.pid} on ${hostname()}`);
    expect(other.clock.elapsed()).toBeGreaterThan(590_000);
    return readdir(folder);
  });
  expect(names).toEqual([".gitignore", "state.json.lock"]);
  expect(await readdir(folder)).toEqual([".gitignore"]);
});

test("is waited for, and taken when the one that holds it ends", async () => {
  const path = join(await temporaryFolder(), "state.json");
  let second: Promise<string> | undefined;
  await withLock(path, io, async () => {
    await new Promise<void>((slept) => {
      const other = waiter();
      const sleep = async () => slept();
      second = withLock(path, { ...other, clock: { ...other.clock, sleep } }, async () => "held");
    });
  });
  expect(await second).toBe("held");
});

test("an interrupt ends the wait for it, and leaves the lock", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  await withLock(path, io, async () => {
    const signal = AbortSignal.abort(new Error("interrupted"));
    const interrupted = { ...waiter(), clock: systemClock, signal };
    await expect(withLock(path, interrupted, async () => undefined)).rejects.toThrow("interrupted");
    expect(await readdir(folder)).toEqual([".gitignore", "state.json.lock"]);
  });
});

test("is freed when the work fails", async () => {
  const path = join(await temporaryFolder(), "state.json");
  await expect(withLock(path, io, () => Promise.reject(new Error("no")))).rejects.toThrow("no");
  expect(await withLock(path, io, async () => "yes")).toBe("yes");
});

test("a lock of another machine is not broken, and says where it comes from", async () => {
  const path = join(await temporaryFolder(), "state.json");
  await writeFile(`${path}.lock`, JSON.stringify({ ...DEAD, host: "elsewhere" }));
  await expect(withLock(path, io, async () => undefined)).rejects.toMatchObject({
    code: "Locked",
    hint: expect.stringContaining("delete"),
  });
});

test("many processes that find a dead one's lock never hold it together", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const program = join(folder, "worker.mjs");
  await build({
    stdin: {
      contents: `import { open, rm } from "node:fs/promises";
        import { systemClock as clock } from "./src/clock.ts";
        import { withLock } from "./src/lock.ts";
        const waiter = { clock, signal: new AbortController().signal, waiting: () => undefined };
        process.on("message", async () => {
          const outcome = await withLock(process.argv[2], waiter, async () => {
            // Fails when another one is inside.
            await (await open(process.argv[2] + ".inside", "wx")).close();
            await rm(process.argv[2] + ".inside");
            return "held";
          }).catch((error) => error.code);
          process.send(outcome);
          process.disconnect();
        });
        process.send("ready");`,
      resolveDir: join(import.meta.dirname, ".."),
      loader: "ts",
    },
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
    banner: { js: 'import { createRequire } from "node:module"; const require = createRequire(import.meta.url);' },
  });
  const workers = Array.from({ length: 8 }, () => fork(program, [path]));
  await Promise.all(workers.map((worker) => once(worker, "message")));
  await writeFile(`${path}.lock`, JSON.stringify(DEAD));
  const outcomes = workers.map(async (worker) => {
    worker.send("go");
    const [outcome] = await once(worker, "message");
    return outcome;
  });
  const ended = await Promise.all(outcomes);
  expect(ended).toEqual(workers.map(() => "held"));
  expect((await readdir(folder)).toSorted()).toEqual([".gitignore", "worker.mjs"]);
});
