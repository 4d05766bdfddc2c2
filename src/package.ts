import { createHash } from "node:crypto";
import type { Stats } from "node:fs";
import { readFile, stat } from "node:fs/promises";
import { GatewayError } from "./errors.ts";
import { hasCode } from "./fs-error.ts";
import { listFiles } from "./packaging/files.ts";
import { checkHandler } from "./packaging/handler-file.ts";
import {
  MAX_UNZIPPED_BYTES,
  MAX_ZIPPED_BYTES,
  unreadable,
  unzippedTooLarge,
  zippedTooLarge,
} from "./packaging/limits.ts";
import { withFile, type ZipEntry, zipStream } from "./packaging/zip.ts";
import { readZipDirectory, type ZipDirectory } from "./packaging/zip-directory.ts";

/** Code ready to upload. */
export interface Package {
  readonly zip: Buffer;
  /** Of the zip, in base64: comparable with Lambda's CodeSha256. */
  readonly sha256: string;
  readonly files: number;
  readonly unzippedBytes: number;
}

/** What will run the code: both decide which file must be in it. */
interface Target {
  readonly runtime: string;
  readonly handler: string;
}

/** Content of files that are not on the disk, by their name in the zip. */
type Files = ReadonlyMap<string, Buffer>;

/**
 * Packages a folder with `added` files, or takes an existing zip byte for byte. The same files give the same bytes, wherever
 * they lie; only another build of zlib inside Node may deflate differently.
 *
 * Throws a GatewayError: CodeNotFound, CodeEmpty, CodeNotZip, CodeUnreadable, HandlerNotFound, CodeTooLarge above
 * 50 MB zipped or 250 MB unzipped [aws 4.9], or NotAdded for a file that cannot be added.
 */
export async function packageCode(path: string, target: Target, added: Files = new Map()): Promise<Package> {
  const stats = await statCode(path);
  if (stats.isDirectory()) return packageFolder(path, target, added);
  const [name] = added.keys();
  if (stats.isFile() && name !== undefined) throw notAdded(path, name, "a zip is taken as it is");
  if (stats.isFile()) return takeZip(path, stats.size, target);
  throw notZip(path, "it is neither a folder nor a file");
}

/** Packages files that are in memory: name in the zip (with `/`) to content. */
export async function packageFiles(files: Files): Promise<Package> {
  return collect("memory", entriesOf(files), bytesOf(files));
}

/** Packages what a zip of `packageFiles` holds and one more file, which comes last. Nothing is compressed again. */
export function packageZipWith(zip: Buffer, name: string, content: Buffer): Package {
  const whole = withFile(zip, name, content);
  const { names, unzippedBytes } = readZipDirectory(whole);
  return finished(whole, names.length, unzippedBytes);
}

function entriesOf(files: Files): ZipEntry[] {
  return Array.from(files, ([name, source]) => ({ name, executable: false, source }));
}

function bytesOf(files: Files): number {
  return [...files.values()].reduce((sum, { length }) => sum + length, 0);
}

async function packageFolder(path: string, target: Target, added: Files): Promise<Package> {
  const files = await listFiles(path);
  if (files.length === 0) throw empty(path, "Put the function's code there, or check .llmgwignore.");
  checkHandler(
    files.map(({ name }) => name),
    target,
  );
  const twice = files.find(({ name }) => added.has(name));
  if (twice !== undefined) throw notAdded(path, twice.name, "there is one already");
  const entries = files.map((file) => ({ name: file.name, executable: file.executable, source: file }));
  const bytes = files.reduce((sum, { size }) => sum + size, bytesOf(added));
  return collect(path, [...entries, ...entriesOf(added)], bytes);
}

/** Stops as soon as the zip is above Lambda's limit. */
async function collect(path: string, entries: readonly ZipEntry[], unzippedBytes: number): Promise<Package> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of zipStream(entries)) {
    bytes += chunk.length;
    if (bytes > MAX_ZIPPED_BYTES) throw zippedTooLarge(path);
    chunks.push(chunk);
  }
  return finished(Buffer.concat(chunks), entries.length, unzippedBytes);
}

async function takeZip(path: string, size: number, target: Target): Promise<Package> {
  if (size > MAX_ZIPPED_BYTES) throw zippedTooLarge(path);
  const zip = await readCode(path);
  const { names, unzippedBytes, largest } = directoryOf(path, zip);
  if (unzippedBytes > MAX_UNZIPPED_BYTES) throw unzippedTooLarge(path, largest);
  if (names.length === 0) throw empty(path, "Put the function's code into it.");
  checkHandler(names, target);
  return finished(zip, names.length, unzippedBytes);
}

function directoryOf(path: string, zip: Buffer): ZipDirectory {
  try {
    return readZipDirectory(zip);
  } catch (error) {
    throw notZip(path, error instanceof Error ? error.message : String(error));
  }
}

async function statCode(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (error) {
    if (!hasCode(error, "ENOENT", "ENOTDIR")) throw unreadable(path, error);
    throw new GatewayError("CodeNotFound", `The code path ${path} does not exist.`, {
      hint: "Name a folder or a .zip file with --code, or with function.code in llm-gw.json.",
    });
  }
}

async function readCode(path: string): Promise<Buffer> {
  try {
    return await readFile(path);
  } catch (error) {
    throw unreadable(path, error);
  }
}

function finished(zip: Buffer, files: number, unzippedBytes: number): Package {
  return { zip, sha256: createHash("sha256").update(zip).digest("base64"), files, unzippedBytes };
}

function empty(path: string, hint: string): GatewayError {
  return new GatewayError("CodeEmpty", `There is nothing to package in ${path}.`, { hint });
}

function notAdded(path: string, name: string, reason: string): GatewayError {
  return new GatewayError(
    "NotAdded",
    `${name} is made from the configuration, and cannot be added to ${path}: ${reason}.`,
    {
      hint: `Leave ${name} to the configuration, or take models, secrets and limits out of it.`,
    },
  );
}

function notZip(path: string, reason: string): GatewayError {
  return new GatewayError("CodeNotZip", `${path} is neither a folder nor a valid zip file: ${reason}.`, {
    hint: "Name a folder, which is packaged for you, or a zip file made for Lambda.",
  });
}
