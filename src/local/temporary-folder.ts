// Folders that go with the process that made them.
import { mkdtempSync, rmSync } from "node:fs";
import { rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";

export interface TemporaryFolder {
  readonly path: string;
  remove(): Promise<void>;
}

/** A function may still write into its folder. */
const REMOVAL = { recursive: true, force: true, maxRetries: 3 } as const;

/** What is still there. */
const paths = new Set<string>();

/**
 * Makes an empty folder whose name begins with `prefix`. Where nobody removes it, it goes when this process exits, also at
 * once, as after a second Ctrl-C; it stays when the process is killed.
 */
export async function temporaryFolder(prefix: string): Promise<TemporaryFolder> {
  // At once: the process may exit before an answer comes.
  const path = mkdtempSync(join(tmpdir(), prefix));
  if (paths.size === 0) process.once("exit", removeAll);
  paths.add(path);
  return {
    path,
    async remove() {
      await rm(path, REMOVAL);
      paths.delete(path);
      if (paths.size === 0) process.off("exit", removeAll);
    },
  };
}

function removeAll(): void {
  for (const path of paths) {
    try {
      rmSync(path, REMOVAL);
    } catch {
      // Nobody is left to tell.
    }
  }
}
