import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";

const run = promisify(execFile);
const INSTALL_LIMIT_MS = 300_000;

/** What is to be installed. */
interface Wanted {
  /** The path of a requirements.txt with pinned versions. */
  readonly requirements: string;
  /** The folder in the user's cache. */
  readonly name: string;
  /** Printed before an installation. */
  readonly notice: string;
}

/**
 * The folder of a virtual environment of Python with pinned packages, made when it is missing. It lies in the user's
 * cache, under a name that follows from the versions and from python3's, and gets that name only once it is complete.
 * @throws Error that says why there is none: no python3, no venv, or no registry
 */
export async function ensureVirtualEnvironment({ requirements, name, notice }: Wanted): Promise<string> {
  const version = await run("python3", ["--version"]).catch(() => {
    throw new Error("python3 is missing");
  });
  const pinned = await readFile(requirements);
  const key = createHash("sha256").update(pinned).update(version.stdout).digest("hex").slice(0, 16);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), name);
  const folder = join(cache, key);
  if (!existsSync(folder)) {
    process.stderr.write(`${notice}\n`);
    await make(requirements, cache, folder);
  }
  return folder;
}

/** Made beside its place and moved there. Its programs are only ever started as `python -m`: their paths do not move. */
async function make(requirements: string, cache: string, folder: string): Promise<void> {
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, "half-made-"));
  try {
    await run("python3", ["-m", "venv", half]).catch((cause) => {
      throw new Error("python3 cannot make virtual environments (is its venv module installed?)", { cause });
    });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"];
    await run(join(half, "bin", "python"), [...pip, "-r", requirements], { timeout: INSTALL_LIMIT_MS }).catch(
      (cause) => {
        const [line = ""] = String(cause.stderr).trim().split("\n").slice(-1);
        throw new Error(`the packages of ${requirements} cannot be installed: ${line}`, { cause });
      },
    );
    await rename(half, folder).catch((error: unknown) => {
      // Another run was faster.
      if (!existsSync(folder)) throw error;
    });
  } finally {
    await rm(half, { recursive: true, force: true });
  }
}
