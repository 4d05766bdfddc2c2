import { type Dirent, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { join, sep } from "node:path";
import { setImmediate } from "node:timers/promises";
import { GatewayError } from "../errors.ts";
import { type IgnoreRules, ignoreRules } from "./ignore-rules.ts";
import { MAX_FILES, MAX_UNZIPPED_BYTES, tooManyFiles, unreadable, unzippedTooLarge } from "./limits.ts";

/** One file to package. */
export interface SourceFile {
  /** Its name in the zip: relative, with `/`. */
  readonly name: string;
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
}

interface Folder {
  readonly name: string;
  readonly realPath: string;
  /** Real paths from the root down to this folder: a link to one of them would never end. */
  readonly line: readonly string[];
}

interface Walk {
  readonly path: string;
  readonly root: string;
  readonly ignored: IgnoreRules;
  readonly files: SourceFile[];
  bytes: number;
  largest: { readonly name: string; readonly size: number };
}

/**
 * Every file of a folder that belongs in the package, in no particular order. Nothing but names and sizes is read.
 * Throws a GatewayError: CodeTooLarge as soon as a limit is passed, CodeUnreadable also for a link that is broken,
 * leaves the folder or leads into itself.
 */
export async function listFiles(path: string): Promise<readonly SourceFile[]> {
  const root = realpathSync(path);
  const walk: Walk = { path, root, ignored: ignoreRules(root), files: [], bytes: 0, largest: { name: "", size: 0 } };
  const folders: Folder[] = [{ name: "", realPath: root, line: [root] }];
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop()) {
    // Synchronous calls are several times as fast on small files; in between, signals and the spinner get their turn.
    await setImmediate();
    for (const entry of readFolder(folder)) {
      const below = visit(walk, folder, entry);
      if (below !== undefined) folders.push(below);
    }
  }
  return walk.files;
}

function readFolder(folder: Folder): Dirent[] {
  try {
    return readdirSync(folder.realPath, { withFileTypes: true });
  } catch (error) {
    throw unreadable(folder.name || "the folder", error);
  }
}

/** Notes a file; answers with a folder that is to be walked. */
function visit(walk: Walk, folder: Folder, entry: Dirent): Folder | undefined {
  const name = folder.name === "" ? entry.name : `${folder.name}/${entry.name}`;
  const path = join(folder.realPath, entry.name);
  if (walk.ignored(name, entry.isDirectory())) return undefined;
  if (entry.isDirectory()) return { name, realPath: path, line: [...folder.line, path] };
  if (entry.isSymbolicLink()) return visitLink(walk, folder, name, path);
  addFile(walk, name, path, stats(name, path));
  return undefined;
}

function visitLink(walk: Walk, folder: Folder, name: string, path: string): Folder | undefined {
  const target = resolveLink(walk.root, name, path);
  const isFolder = target instanceof GatewayError || target.stats.isDirectory();
  // `venv/` also means a link to a folder outside, or to nothing.
  if (isFolder && walk.ignored(name, true)) return undefined;
  if (target instanceof GatewayError) throw target;
  if (!isFolder) {
    addFile(walk, name, target.path, target.stats);
    return undefined;
  }
  if (folder.line.includes(target.path)) throw badLink(name, "leads back to a folder that contains it");
  return { name, realPath: target.path, line: [...folder.line, target.path] };
}

function resolveLink(root: string, name: string, path: string): { path: string; stats: Stats } | GatewayError {
  let target: string;
  try {
    target = realpathSync(path);
  } catch (error) {
    return badLink(name, "is broken", error);
  }
  const inside = target === root || target.startsWith(root.endsWith(sep) ? root : root + sep);
  if (!inside) return badLink(name, `leaves the folder (to ${target})`);
  return { path: target, stats: stats(name, target) };
}

function badLink(name: string, problem: string, cause?: unknown): GatewayError {
  return new GatewayError("CodeUnreadable", `The link ${name} ${problem}.`, {
    hint: "Replace it by what it should point to, or leave it out with a .llmgwignore file.",
    cause,
  });
}

function stats(name: string, path: string): Stats {
  try {
    return statSync(path);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function addFile(walk: Walk, name: string, path: string, file: Stats): void {
  if (!file.isFile()) throw unreadable(name, new Error("it is a socket, pipe or device, not a file."));
  walk.bytes += file.size;
  if (file.size > walk.largest.size) walk.largest = { name, size: file.size };
  if (walk.bytes > MAX_UNZIPPED_BYTES) throw unzippedTooLarge(walk.path, walk.largest);
  if (walk.files.length === MAX_FILES) throw tooManyFiles(walk.path);
  walk.files.push({ name, path, size: file.size, executable: (file.mode & 0o111) !== 0 });
}
