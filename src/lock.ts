import { randomBytes } from "node:crypto";
import { link, rm } from "node:fs/promises";
import { hostname } from "node:os";
import { dirname } from "node:path";
import * as z from "zod/mini";
import { backoff, untold, type Waiting, within } from "./aws/retry.ts";
import { GatewayError } from "./errors.ts";
import { hasCode, reasonOf } from "./fs-error.ts";
import type { Io } from "./io.ts";
import { type Process, runs, thisProcess } from "./process-identity.ts";
import { createFile, makeFolder, readPlainFile, removeScraps } from "./state-folder.ts";

const ownerSchema = z.object({
  pid: z.int().check(z.positive()),
  host: z.string(),
  since: z.string(),
  // Part of file names.
  token: z.string().check(z.regex(/^[\w-]+$/)),
  started: z.optional(z.string()),
});
interface Owner extends Process {
  readonly host: string;
  readonly since: string;
  readonly token: string;
}

/** A lock that many processes fight for is free again within a few rounds. */
const TRIES = 20;
/** Longer than a deploy takes, unless AWS itself is ill. */
const WAIT_LIMIT_MS = 600_000;

interface Waiter extends Pick<Io, "clock" | "signal"> {
  /** Tells the user who is waited for. */
  readonly waiting: Waiting;
}

/**
 * Runs `work` while no other process on this machine works with the same state file, and waits for the one that does.
 * The lock file tells who holds it; a lock whose process is dead is free at once. A lock that a hand removes meanwhile
 * is not defended.
 * @throws GatewayError StateUnwritable; Locked when a live process holds it for more than ten minutes, or one of another
 *   machine does, of which nobody here can say whether it lives
 */
export async function withLock<T>(statePath: string, waiter: Waiter, work: () => Promise<T>): Promise<T> {
  const path = `${statePath}.lock`;
  const token = randomBytes(6).toString("hex");
  const since = new Date(waiter.clock.now()).toISOString();
  await acquire(path, { ...(await thisProcess()), host: hostname(), since, token }, waiter);
  try {
    return await work();
  } finally {
    // What cannot be removed is a dead process's lock as soon as this one has ended.
    await release(statePath, path, token).catch(() => undefined);
  }
}

async function acquire(path: string, owner: Owner, { clock, signal, waiting }: Waiter): Promise<void> {
  const wait = {
    clock,
    signal,
    what: "the lock",
    limitMs: WAIT_LIMIT_MS,
    pauseMs: backoff(50, 1_000),
    // Each holder is named below.
    waiting: untold,
  };
  let holder: Owner | undefined;
  let told: { readonly token: string; readonly over: () => void } | undefined;
  await within(wait, async () => {
    holder = await take(path, owner);
    if (holder === undefined) return { done: true };
    if (holder.host !== hostname()) throw locked(path, holder);
    if (told?.token !== holder.token) {
      told?.over();
      told = { token: holder.token, over: waiting(`${nameOf(holder)}, which works on this gateway`) };
    }
    return { notYet: "held" };
  }).finally(() => told?.over());
  if (holder !== undefined) throw locked(path, holder);
}

/** Takes the lock, or returns who holds it or is about to free it. */
async function take(path: string, owner: Owner): Promise<Owner | undefined> {
  for (let n = 1; n <= TRIES; n++) {
    const holder = await readOwner(path);
    if (holder === undefined) {
      if (await attempt(path, owner)) return undefined;
      continue;
    }
    if (holder.host !== hostname() || (await runs(holder))) return holder;
    const breaker = await breakLock(path, holder, owner);
    if (breaker !== undefined) return breaker;
  }
  throw new GatewayError("Locked", `the lock ${path} cannot be taken: something keeps removing it or its folder`, {
    hint: "Try again. If no other llm-gw is running, look at what that folder is, or delete it.",
  });
}

/** Unlike opening and then writing, linking a complete file never shows a lock without its owner. */
async function attempt(path: string, owner: Owner): Promise<boolean> {
  const own = `${path}.${owner.token}`;
  try {
    await makeFolder(dirname(path));
    await createFile(own, JSON.stringify(owner));
    await link(own, path);
    return true;
  } catch (error) {
    // ENOENT: whoever held it has cleared the folder meanwhile.
    if (hasCode(error, "EEXIST", "ENOENT")) return false;
    if (error instanceof Error && "syscall" in error && error.syscall === "link") throw unlinkable(path, error);
    throw unwritable(path, error);
  } finally {
    await rm(own, { force: true }).catch(() => undefined);
  }
}

/**
 * Removes the lock of a dead process, and never the lock of a live one that took its place: only who holds a second
 * lock, named after the dead one's token, may remove it. If that one's process dies as well, it is broken the same way.
 * Returns who else is at it.
 */
async function breakLock(path: string, dead: Owner, owner: Owner): Promise<Owner | undefined> {
  const claim = `${path}.break-${dead.token}`;
  const breaker = await take(claim, owner);
  if (breaker !== undefined) return breaker;
  try {
    if ((await readOwner(path))?.token === dead.token) await rm(path, { force: true });
  } finally {
    await rm(claim, { force: true });
  }
  return undefined;
}

/** A lock that a hand has removed may be somebody else's by now, and what lies beside it too. */
async function release(statePath: string, path: string, token: string): Promise<void> {
  if ((await readOwner(path))?.token !== token) return;
  await removeScraps(statePath, path);
  await rm(path);
}

/** undefined when the file is gone. */
async function readOwner(path: string): Promise<Owner | undefined> {
  let text: string;
  try {
    text = await readPlainFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    if (hasCode(error, "ENOTDIR", "EACCES", "ELOOP")) throw unwritable(path, error);
    throw notOurs(path, error);
  }
  try {
    return ownerSchema.parse(JSON.parse(text));
  } catch (cause) {
    throw notOurs(path, cause);
  }
}

function notOurs(path: string, cause: unknown): GatewayError {
  return new GatewayError("Locked", `the lock file ${path} is not one of llm-gw's`, {
    cause,
    hint: "If no llm-gw is running, delete it.",
  });
}

function locked(path: string, holder: Owner): GatewayError {
  const hint =
    holder.host === hostname()
      ? `Wait for it to end, or end it. If that process is no llm-gw, delete ${path}.`
      : `If it no longer runs there, delete ${path}.`;
  return new GatewayError("Locked", `another llm-gw works on this gateway: ${nameOf(holder)}`, { hint });
}

function nameOf({ pid, host, since }: Owner): string {
  return `process ${pid} on ${host}, since ${since}`;
}

/** exFAT and some network drives: a file can be written there, but not given a second name. */
function unlinkable(path: string, cause: unknown): GatewayError {
  return new GatewayError("StateUnwritable", `${path} cannot be made: hard links fail there (${reasonOf(cause)})`, {
    cause,
    hint: "llm-gw keeps its state in .llm-gw beside llm-gw.json: put that folder on a file system that has hard links.",
  });
}

function unwritable(path: string, cause: unknown): GatewayError {
  return new GatewayError("StateUnwritable", `${path} cannot be written: ${reasonOf(cause)}`, {
    cause,
    hint: "llm-gw keeps its state in .llm-gw beside llm-gw.json: make that a folder with room, which you may write.",
  });
}
