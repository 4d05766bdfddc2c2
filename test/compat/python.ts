import { execFile } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readdir, readFile, rename, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";

const run = promisify(execFile);
const REQUIREMENTS = fileURLToPath(new URL("requirements.txt", import.meta.url));
const INSTALL_LIMIT_MS = 300_000;

/** A virtual environment with everything of requirements.txt. */
export interface Python {
  readonly program: string;
  /** botocore's folder with AWS's models. */
  readonly models: string;
}

/**
 * The virtual environment of these tests, made when it is missing. It lies in the user's cache, under a name that
 * follows from the pinned versions and from python3's, and gets that name only once it is complete.
 * @throws Error that says why there is none: no python3, no venv, or no registry
 */
export async function ensurePython(): Promise<Python> {
  const version = await run("python3", ["--version"]).catch(() => {
    throw new Error("python3 is missing");
  });
  const pinned = await readFile(REQUIREMENTS);
  const key = createHash("sha256").update(pinned).update(version.stdout).digest("hex").slice(0, 16);
  const cache = join(process.env.XDG_CACHE_HOME || join(homedir(), ".cache"), "llm-gw-compat");
  const folder = join(cache, key);
  if (!existsSync(folder)) await make(cache, folder);
  const [python = ""] = await readdir(join(folder, "lib"));
  return {
    program: join(folder, "bin", "python"),
    models: join(folder, "lib", python, "site-packages", "botocore", "data"),
  };
}

/** Made beside its place and moved there. Its programs are only ever started as `python -m`: their paths do not move. */
async function make(cache: string, folder: string): Promise<void> {
  process.stderr.write("installing the emulators that test:compat compares with, once\n");
  await mkdir(cache, { recursive: true });
  const half = await mkdtemp(join(cache, "half-made-"));
  try {
    await run("python3", ["-m", "venv", half]).catch((cause) => {
      throw new Error("python3 cannot make virtual environments (is its venv module installed?)", { cause });
    });
    const pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--retries", "1"];
    await run(join(half, "bin", "python"), [...pip, "-r", REQUIREMENTS], { timeout: INSTALL_LIMIT_MS }).catch(
      (cause) => {
        const [line = ""] = String(cause.stderr).trim().split("\n").slice(-1);
        throw new Error(`the packages of test/compat/requirements.txt cannot be installed: ${line}`, { cause });
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
