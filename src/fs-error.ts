/** Whether `error` is Node's error with this code, like ENOENT. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && "code" in error && codes.includes(String(error.code));
}

interface Trouble {
  readonly reason: string;
  readonly hint: string;
}

const FULL: Trouble = { reason: "the disk is full", hint: "Free some space there, then run the command again." };
const FORBIDDEN: Trouble = {
  reason: "permission denied",
  hint: "Check who may read and write it, then run the command again.",
};
const FILES: Trouble = {
  reason: "too many files are open",
  hint: "Close other programs, or raise the limit (ulimit -n), then run the command again.",
};

const TROUBLES: Readonly<Record<string, Trouble>> = {
  ENOSPC: FULL,
  EDQUOT: { ...FULL, reason: "the disk quota is used up" },
  EACCES: FORBIDDEN,
  EPERM: FORBIDDEN,
  EROFS: { reason: "the file system is read-only", hint: "Work in a folder that can be written." },
  EMFILE: FILES,
  ENFILE: FILES,
  EISDIR: { reason: "it is a folder where a file should be", hint: "Move it away, then run the command again." },
  ENOTDIR: { reason: "a file is where a folder should be", hint: "Move it away, then run the command again." },
  ENAMETOOLONG: { reason: "the path is too long for the file system", hint: "Work in a folder with a shorter path." },
  EIO: { reason: "the disk does not work", hint: "Check the disk." },
};

/** What is wrong with a file or the disk, and what to do about it; undefined for errors that say nothing of it. */
export function fileTrouble(error: unknown): Trouble | undefined {
  if (!(error instanceof Error && "code" in error)) return undefined;
  return TROUBLES[String(error.code)];
}

/** Why the system refused: in our words, or in its own where we have none. */
export function reasonOf(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  return fileTrouble(error)?.reason ?? /^E[A-Z0-9]+: ([^,]+),/.exec(message)?.[1] ?? message;
}
