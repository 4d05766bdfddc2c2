// The folder of state files and locks, and how a single file in it is read and written whatever stands in its place.
import { constants } from "node:fs";
import { mkdir, open, readdir, rm, rmdir, writeFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { hasCode } from "./fs-error.ts";

const GITIGNORE = { name: ".gitignore", text: "*\n" };

/** Makes the folder, with a `.gitignore` that keeps it out of git. */
export async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  try {
    await writeFile(join(folder, GITIGNORE.name), GITIGNORE.text, { flag: "wx" });
  } catch (error) {
    if (!hasCode(error, "EEXIST")) throw error;
  }
}

/** Removes the folder when nothing but our own `.gitignore` is left in it; a link to a folder stays. */
export async function removeFolderIfEmpty(folder: string): Promise<void> {
  const ignore = join(folder, GITIGNORE.name);
  try {
    const [only, ...others] = await readdir(folder);
    if (only !== GITIGNORE.name || others.length > 0 || (await readPlainFile(ignore)) !== GITIGNORE.text) return;
    await rm(ignore);
    await rmdir(folder);
  } catch {
    // Gone already, or another run has just begun in it.
    await writeFile(ignore, GITIGNORE.text, { flag: "wx" }).catch(() => undefined);
  }
}

/**
 * The text of a file. What is no file is refused, before a pipe could make it wait for a writer.
 * @throws Error from the file system, or that it is no file
 */
export async function readPlainFile(path: string): Promise<string> {
  const file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
  try {
    if (!(await file.stat()).isFile()) throw new Error("it is not a file");
    return await file.readFile("utf8");
  } finally {
    await file.close();
  }
}

/**
 * Writes a new file that only its owner may read, and returns when it is on the disk.
 * @throws Error EEXIST when the name is taken, by whatever it may be
 */
export async function createFile(path: string, text: string): Promise<void> {
  const file = await open(path, "wx", 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** What runs put behind the state file's name: the state while it is written; a lock while it is taken or broken. */
const SCRAP = /^\.([\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|lock(\.break-[\w-]+)*(\.[\da-f]{12})?)$/;

/** Removes what killed runs left half done beside the state file, and nothing else: a copy made by hand stays. */
export async function removeScraps(statePath: string, lockPath: string): Promise<void> {
  const [folder, name] = [dirname(statePath), basename(statePath)];
  const names = await readdir(folder);
  const scraps = names
    .filter((one) => one.startsWith(name) && SCRAP.test(one.slice(name.length)))
    .map((one) => join(folder, one))
    .filter((path) => path !== lockPath);
  await Promise.all(scraps.map((path) => rm(path, { force: true })));
}
