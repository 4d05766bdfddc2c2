import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { GatewayError } from "./errors.ts";
import { fileTrouble, hasCode } from "./fs-error.ts";
import type { Io } from "./io.ts";

const ownerSchema = z.object({ pid: z.number(), host: z.string(), since: z.string(), token: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** A lock that many processes fight for is free again within a few rounds. */
const TRIES = 20;

/**
 * Runs `work` while no other process on this machine works with the same state file. The lock file tells who
 * holds it; a lock whose process is dead is free at once.
 * @throws GatewayError Locked when a live process, or one of another machine, holds it
 */
export async function withLock<T>(statePath: string, io: Pick<Io, "clock">, work: () => Promise<T>): Promise<T> {
  const path = `${statePath}.lock`;
  const token = randomUUID();
  const since = new Date(io.clock.now()).toISOString();
  const owner: Owner = { pid: process.pid, host: hostname(), since, token };
  await acquire(path, owner);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, owner: Owner): Promise<void> {
  const own = `${path}.${owner.token}`;
  await makeDirectory(dirname(path));
  await writeFile(own, JSON.stringify(owner), { flag: "wx", mode: 0o600 }).catch(unwritable(path));
  try {
    for (let n = 1; n <= TRIES; n++) {
      // Unlike opening and then writing, linking a complete file never shows a lock without its owner.
      if (await linked(own, path)) return;
      const holder = await readOwner(path);
      if (holder === undefined) continue;
      if (!isDead(holder)) throw locked(path, holder);
      await breakLock(path, holder);
    }
    throw new GatewayError("Locked", `the lock ${path} is fought for by too many processes`, { hint: "Try again." });
  } finally {
    await rm(own, { force: true });
  }
}

async function linked(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
    return true;
  } catch (error) {
    if (hasCode(error, "EEXIST")) return false;
    return unwritable(to)(error);
  }
}

/**
 * Removes the lock of a dead process, and never the lock of a live one that took its place: only who has linked
 * the dead one's file to a name made from its token may remove it, and then the lock still is that file.
 */
async function breakLock(path: string, dead: Owner): Promise<void> {
  const claim = `${path}.break-${dead.token}`;
  if (!(await linked(path, claim).catch(() => false))) return;
  try {
    if ((await readOwner(claim))?.token === dead.token) await rm(path, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
}

/** undefined when the file is gone. */
async function readOwner(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    return unwritable(path)(error);
  }
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw new GatewayError("Locked", `the lock file ${path} is not one of llm-gw's`, {
      cause,
      hint: "If no llm-gw is running, delete it.",
    });
  }
}

function isDead({ pid, host }: Owner): boolean {
  if (host !== hostname()) return false;
  try {
    process.kill(pid, 0);
    return false;
  } catch (error) {
    return hasCode(error, "ESRCH");
  }
}

function locked(path: string, { pid, host, since }: Owner): GatewayError {
  const isHere = host === hostname();
  return new GatewayError("Locked", `another llm-gw works on this gateway: process ${pid} on ${host}, since ${since}`, {
    hint: isHere ? "Wait for it to end, or end it." : `If it no longer runs there, delete ${path}.`,
  });
}

/** The folder of state files, with a `.gitignore` that keeps it out of git. */
async function makeDirectory(directory: string): Promise<void> {
  try {
    await mkdir(directory, { recursive: true });
    await writeFile(join(directory, ".gitignore"), "*\n", { flag: "wx" });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) unwritable(directory)(error);
  }
}

function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    const reason = fileTrouble(cause)?.reason ?? "unknown reason";
    throw new GatewayError("StateUnwritable", `${path} cannot be written: ${reason}`, {
      cause,
      hint: "llm-gw keeps its state in .llm-gw beside llm-gw.json: that folder has to be writable, on a disk with space.",
    });
  };
}

/** Removes the folder of a state file when nothing but our own `.gitignore` is left in it. */
export async function removeIfEmpty(statePath: string): Promise<void> {
  const directory = dirname(statePath);
  const names = await readdir(directory).catch(() => []);
  if (names.length === 1 && names[0] === ".gitignore") await rm(directory, { recursive: true, force: true });
}
