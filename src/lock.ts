import { randomUUID } from "node:crypto";
import { link, mkdir, readdir, readFile, rm, rmdir, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname, join } from "node:path";
import * as z from "zod";
import { backoff, within } from "./aws/retry.ts";
import { GatewayError } from "./errors.ts";
import { hasCode } from "./fs-error.ts";
import type { Io } from "./io.ts";

const ownerSchema = z.object({ pid: z.number(), host: z.string(), since: z.string(), token: z.string() });
type Owner = z.infer<typeof ownerSchema>;

/** A lock that many processes fight for is free again within a few rounds. */
const TRIES = 20;

/** Longer than a deploy takes, unless AWS itself is ill. */
const WAIT_LIMIT_MS = 600_000;

interface Waiter extends Pick<Io, "clock" | "signal"> {
  /** Tells the user who is waited for. */
  waiting(what: string): void;
}

/**
 * Runs `work` while no other process on this machine works with the same state file, and waits for the one that does.
 * The lock file tells who holds it; a lock whose process is dead is free at once.
 * @throws GatewayError Locked when a live process holds it for more than ten minutes, or one of another machine does,
 *   of which nobody here can say whether it lives
 */
export async function withLock<T>(statePath: string, waiter: Waiter, work: () => Promise<T>): Promise<T> {
  const path = `${statePath}.lock`;
  const token = randomUUID();
  const since = new Date(waiter.clock.now()).toISOString();
  const owner: Owner = { pid: process.pid, host: hostname(), since, token };
  await acquire(path, owner, waiter);
  try {
    return await work();
  } finally {
    await rm(path, { force: true });
  }
}

async function acquire(path: string, owner: Owner, { clock, signal, waiting }: Waiter): Promise<void> {
  const own = `${path}.${owner.token}`;
  await writeOwner(own, owner);
  const wait = {
    clock,
    signal,
    what: "the lock",
    limitMs: WAIT_LIMIT_MS,
    pauseMs: backoff(50, 1_000),
    // Each holder is named below.
    waiting: () => undefined,
  };
  let holder: Owner | undefined;
  try {
    const isOurs = await within(wait, async () => {
      holder = await take(own, path);
      if (holder === undefined) return { done: true };
      if (holder.host !== hostname()) throw locked(path, holder);
      waiting(`${nameOf(holder)}, which works on this gateway`);
      return { notYet: "held" };
    });
    if (!isOurs && holder !== undefined) throw locked(path, holder);
  } finally {
    await rm(own, { force: true });
  }
}

/** Takes the lock, or returns who holds it. */
async function take(own: string, path: string): Promise<Owner | undefined> {
  for (let n = 1; n <= TRIES; n++) {
    // Unlike opening and then writing, linking a complete file never shows a lock without its owner.
    if (await linked(own, path)) return undefined;
    const holder = await readOwner(path);
    if (holder === undefined) continue;
    if (!isDead(holder)) return holder;
    await breakLock(path, holder);
  }
  throw new GatewayError("Locked", `the lock ${path} is fought for by too many processes`, { hint: "Try again." });
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

function locked(path: string, holder: Owner): GatewayError {
  const isHere = holder.host === hostname();
  return new GatewayError("Locked", `another llm-gw works on this gateway: ${nameOf(holder)}`, {
    hint: isHere ? "Wait for it to end, or end it." : `If it no longer runs there, delete ${path}.`,
  });
}

function nameOf({ pid, host, since }: Owner): string {
  return `process ${pid} on ${host}, since ${since}`;
}

/** Writes a file beside the state file. A destroy that ends at this moment may take the folder away, once or twice. */
async function writeOwner(own: string, owner: Owner): Promise<void> {
  for (let n = 1; ; n++) {
    try {
      await makeDirectory(dirname(own));
      return await writeFile(own, JSON.stringify(owner), { flag: "wx", mode: 0o600 });
    } catch (error) {
      if (n === TRIES || !hasCode(error, "ENOENT")) return unwritable(dirname(own))(error);
    }
  }
}

/** The folder of state files, with a `.gitignore` that keeps it out of git. */
async function makeDirectory(directory: string): Promise<void> {
  await mkdir(directory, { recursive: true });
  await writeFile(join(directory, ".gitignore"), "*\n", { flag: "wx" }).catch((error: unknown) => {
    if (!hasCode(error, "EEXIST")) throw error;
  });
}

function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    throw new GatewayError("StateUnwritable", `${path} cannot be written`, {
      cause,
      hint: "llm-gw keeps its state in .llm-gw beside llm-gw.json; make that folder writable.",
    });
  };
}

/** Removes the folder of a state file when nothing but our own `.gitignore` is left in it. */
export async function removeIfEmpty(statePath: string): Promise<void> {
  const directory = dirname(statePath);
  const names = await readdir(directory).catch(() => []);
  if (names.length !== 1 || names[0] !== ".gitignore") return;
  try {
    await rm(join(directory, ".gitignore"));
    // Not recursive: another process may have begun to work there.
    await rmdir(directory);
  } catch {
    await makeDirectory(directory).catch(() => undefined);
  }
}
