// Tells when files change that a deploy depends on.
import { existsSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { type FSWatcher, watch } from "chokidar";
import type { Clock } from "../clock.ts";
import { IGNORE_FILE, type IgnoreRules, ignoreRules } from "../packaging/ignore-rules.ts";

/** Editors write, rename and remove; what belongs to one save comes within this. chokidar joins changes within 50 ms. */
const SETTLE_MS = 60;

/** Watches one configuration file, which need not exist, and the code that it names. */
export class Watch {
  readonly #clock: Clock;
  readonly #signal: AbortSignal;
  readonly #failed: (error: Error) => void;
  #config: FSWatcher | undefined;
  #code: FSWatcher | undefined;
  #codePath: string | undefined;
  /** What is there of the code's path. */
  #codeRoot: string | undefined;
  #hasChanged = false;
  #wake: () => void = () => undefined;

  /** `failed` hears, once for each watcher, why it does not see everything: the system may have no more watches to give. */
  constructor(clock: Clock, signal: AbortSignal, failed: (error: Error) => void) {
    this.#clock = clock;
    this.#signal = signal;
    this.#failed = failed;
    signal.addEventListener("abort", () => this.#wake(), { once: true });
  }

  /** From when it returns on, no change of this file is missed. */
  async watchConfig(path: string): Promise<void> {
    this.#config = await this.#start(path, () => false);
  }

  /**
   * The same for a folder, but for what is not packaged, or for a zip; in place of the one before. Where it is not there,
   * the way to it is watched: call this again after a change.
   */
  async watchCode(path: string | undefined): Promise<void> {
    if (path === this.#codePath && (path === undefined || existing(path) === this.#codeRoot)) return;
    this.#codePath = undefined;
    if (path === undefined) await this.#code?.close();
    else await this.#watchWayTo(path);
    this.#codePath = path;
  }

  /** Begins anew where the path, or a part of it, has come or gone meanwhile. */
  async #watchWayTo(path: string): Promise<void> {
    do {
      await this.#code?.close();
      const root = existing(path);
      this.#codeRoot = root;
      this.#code = await this.#startCode(path, root);
    } while (existing(path) !== this.#codeRoot);
  }

  /**
   * Waits until something has changed since the last time, and then until it is quiet for a moment.
   * @throws the signal's reason
   */
  async changed(): Promise<void> {
    while (!this.#hasChanged) {
      this.#signal.throwIfAborted();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    while (this.#hasChanged) {
      this.#hasChanged = false;
      await this.#clock.sleep(SETTLE_MS, this.#signal);
    }
  }

  async close(): Promise<void> {
    await Promise.all([this.#config?.close(), this.#code?.close()]);
  }

  /** @param root the code's path, or the nearest folder above it that is there */
  async #startCode(path: string, root: string): Promise<FSWatcher> {
    if (root !== path) {
      const [next] = relative(root, path).split(sep);
      return this.#start(root, (name) => name !== next, 0);
    }
    const isIgnored = ignoreRules(path);
    const watcher = await this.#start(path, (name, isFolder) => name !== IGNORE_FILE && isIgnored(name, isFolder));
    return watcher.on("all", (event, changed) => {
      // Other rules, other files to watch; and a folder that comes back is another one to chokidar.
      if (changed === join(path, IGNORE_FILE) || (event === "unlinkDir" && changed === path))
        this.#codeRoot = undefined;
    });
  }

  async #start(root: string, isIgnored: IgnoreRules, depth?: number): Promise<FSWatcher> {
    const watcher = watch(root, {
      ignoreInitial: true,
      ...(depth === undefined ? {} : { depth }),
      // What is gone for a moment while an editor saves is waited for in changed().
      atomic: false,
      ignored(path, stats) {
        const name = relative(root, path).replaceAll(sep, "/");
        // chokidar also looks at the folder above a file that is not there, to see it come.
        if (name === "" || name === ".." || name.startsWith("../")) return false;
        return isIgnored(name, isFolder(path, stats)) || (stats?.isSymbolicLink() === true && isRefused(root, path));
      },
    });
    watcher.on("all", () => {
      this.#hasChanged = true;
      this.#wake();
    });
    let hasFailed = false;
    await new Promise<void>((resolve) => {
      watcher.on("ready", resolve);
      watcher.on("error", (error) => {
        if (!hasFailed) this.#failed(error instanceof Error ? error : new Error(String(error)));
        hasFailed = true;
        resolve();
      });
    });
    return watcher;
  }
}

/** The path itself, or the nearest folder above it that is there; the topmost, if only a drive is missing. */
function existing(path: string): string {
  const above = dirname(path);
  return existsSync(path) || above === path ? path : existing(above);
}

/** `venv/` also means a link to a folder, as in packaging. */
function isFolder(path: string, stats: Stats | undefined): boolean {
  const target = stats?.isSymbolicLink() ? statSync(path, { throwIfNoEntry: false }) : stats;
  return target?.isDirectory() === true;
}

/** Whether packaging refuses a link because of where it leads: out of the folder, which may be far, or round in circles. */
function isRefused(root: string, path: string): boolean {
  try {
    const target = realpathSync(path);
    const top = realpathSync(root);
    if (target !== top && !target.startsWith(top + sep)) return true;
    for (let folder = dirname(path); folder.length >= root.length; folder = dirname(folder)) {
      if (realpathSync(folder) === target) return true;
    }
    return false;
  } catch {
    // It leads to nothing, yet.
    return false;
  }
}
