// One run at a time on one machine, and no lock that needs a person.

import { execFileSync, fork, spawn } from "node:child_process";
import { randomUUID } from "node:crypto";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { systemClock } from "../../src/clock.ts";
import { withLock } from "../../src/lock.ts";
import { removeFolderIfEmpty } from "../../src/state-folder.ts";
import { temporaryFolder } from "../support/cli.ts";

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
    waiting(what: string) {
      said.push(what);
      return () => void said.push("over");
    },
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

test.each<[string, (lock: string) => unknown]>([
  ["empty", (lock) => writeFile(lock, "")],
  ["zeros, as after a power cut", (lock) => writeFile(lock, "\0".repeat(100))],
  ["of another program", (lock) => writeFile(lock, '{"pid":1}')],
  ["of a group of processes", (lock) => writeFile(lock, JSON.stringify({ ...DEAD, pid: -1 }))],
  ["with a token that leads elsewhere", (lock) => writeFile(lock, JSON.stringify({ ...DEAD, token: "../../x" }))],
  ["a folder", (lock) => mkdir(lock)],
  ["a pipe", (lock) => execFileSync("mkfifo", [lock])],
])("a lock file that is %s is left alone, and the error says what to do", async (_what, place) => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  await place(`${path}.lock`);
  await expect(withLock(path, io, async () => undefined)).rejects.toMatchObject({
    code: "Locked",
    hint: "If no llm-gw is running, delete it.",
  });
  expect(await readdir(folder)).toEqual(["state.json.lock"]);
});

test("a lock that is a link to nothing ends in an error", async () => {
  const path = join(await temporaryFolder(), "state.json");
  await symlink("nowhere", `${path}.lock`);
  await expect(withLock(path, io, async () => undefined)).rejects.toMatchObject({ code: "Locked" });
});

test("a lock from the future is as good as any", async () => {
  const path = join(await temporaryFolder(), "state.json");
  await writeFile(`${path}.lock`, JSON.stringify({ ...DEAD, since: "2999-01-01T00:00:00.000Z" }));
  expect(await withLock(path, io, async () => "yes")).toBe("yes");
});

test("a lock that was removed by hand and is another's by now stays his", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const other = JSON.stringify({ ...DEAD, pid: process.ppid, token: "other" });
  await withLock(path, io, async () => {
    await rm(`${path}.lock`);
    await writeFile(`${path}.lock`, other);
    await writeFile(`${path}.half-written`, "by the other");
  });
  expect(await readFile(`${path}.lock`, "utf8")).toBe(other);
  expect(await readdir(folder)).toContain("state.json.half-written");
});

test("a folder that is deleted while the work runs is no failure", async () => {
  const folder = join(await temporaryFolder(), ".llm-gw");
  expect(await withLock(join(folder, "state.json"), io, () => rm(folder, { recursive: true }))).toBeUndefined();
});

test("the folder is never removed under a run that has just begun", async () => {
  const folder = join(await temporaryFolder(), ".llm-gw");
  const path = join(folder, "state.json");
  const begun = () => withLock(path, io, async () => expect(await readdir(folder)).toContain("state.json.lock"));
  for (let n = 0; n < 200; n++) await Promise.all([begun(), removeFolderIfEmpty(folder)]);
  await removeFolderIfEmpty(folder);
  expect(existsSync(folder)).toBe(false);
});

test("a folder is left when somebody else has put something into it", async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, ".gitignore"), "*.log\n");
  await removeFolderIfEmpty(folder);
  expect(await readFile(join(folder, ".gitignore"), "utf8")).toBe("*.log\n");
});

test("what killed processes left beside the state is gone after the next run, and nothing else", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const token = "4f1c00aa77bb";
  const scraps = [`lock.${token}`, randomUUID(), `lock.break-dead.${token}`, `lock.break-dead.break-${token}`];
  for (const scrap of scraps) await writeFile(`${path}.${scrap}`, "");
  const others = ["state.json.bak", "state.json.lock.bak", "state.json.old-4f1c", "state.jsonx"];
  for (const other of others) await writeFile(join(folder, other), "another's");
  await withLock(path, io, async () => undefined);
  expect((await readdir(folder)).toSorted()).toEqual([".gitignore", ...others]);
});

test("a process that was killed while it broke a lock stops nobody", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  await writeFile(`${path}.lock`, JSON.stringify(DEAD));
  await writeFile(`${path}.lock.break-dead`, JSON.stringify({ ...DEAD, token: "dead-too" }));
  expect(await withLock(path, io, async () => "yes")).toBe("yes");
  expect(await readdir(folder)).toEqual([".gitignore"]);
});

describe("the holder's number", () => {
  const held = async (owner: object) => {
    const path = join(await temporaryFolder(), "state.json");
    await writeFile(`${path}.lock`, JSON.stringify({ ...DEAD, ...owner }));
    return withLock(path, io, async () => "free").catch((error) => error.code);
  };

  test("counts for itself when nothing else is known of the process", async () => {
    expect(await held({ pid: process.ppid })).toBe("Locked");
  });

  test("is not the holder when another process has been given it", async (context) => {
    if (!existsSync("/proc/self/stat")) return context.skip("this system does not tell when a process started");
    expect(await held({ pid: process.ppid, started: await startOf(process.ppid) })).toBe("Locked");
    expect(await held({ pid: process.ppid, started: "an earlier start of the machine" })).toBe("free");
  });

  test("is free when the process has ended and its parent does not care", async (context) => {
    if (!existsSync("/proc/self/stat")) return context.skip("this system does not tell whether a process has ended");
    // A shell that starts two and becomes the second: the first then has a parent that never waits for it.
    const parent = spawn("sh", ["-c", "exec 3<&0; read line <&3 & echo $!; exec sleep 60"], {
      stdio: ["pipe", "pipe", "ignore"],
    });
    onTestFinished(() => void parent.kill());
    const pid = Number(String((await once(parent.stdout, "data"))[0]));
    const owner = { pid, started: await startOf(pid) };
    expect(await held(owner)).toBe("Locked");
    parent.stdin.end();
    await vi.waitFor(async () => expect(await readFile(`/proc/${pid}/stat`, "utf8")).toContain(") Z "));
    expect(await held(owner)).toBe("free");
  });
});

/** As proc(5) has it: the 22nd field, counted from behind a name that may hold anything. */
async function startOf(pid: number): Promise<string> {
  const boot = await readFile("/proc/sys/kernel/random/boot_id", "utf8");
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  return `${boot.trim()} ${stat.slice(stat.lastIndexOf(")")).split(" ")[20]}`;
}

test("many processes that find a dead one's lock never hold it together", async () => {
  const folder = await temporaryFolder();
  const path = join(folder, "state.json");
  const program = join(folder, "worker.mjs");
  await build({
    stdin: {
      contents: `import { open, rm } from "node:fs/promises";
        import { systemClock as clock } from "./src/clock.ts";
        import { withLock } from "./src/lock.ts";
        const waiter = { clock, signal: new AbortController().signal, waiting: () => () => undefined };
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
      resolveDir: join(import.meta.dirname, "../.."),
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
