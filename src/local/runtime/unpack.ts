import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join, sep } from "node:path";
import { unzipSync } from "fflate";

/** Code and layers together, unzipped [aws 4.3, 4.9]. */
const MAX_UNZIPPED_BYTES = 262_144_000;
/** Files written at once: Node has four threads for it, and a package may have more files than a process may open. */
const LANES = 8;

/**
 * Writes the files of a zip into an existing folder.
 * Throws when the archive is damaged, too large, or names a file outside the folder.
 */
export async function unpackZip(zip: Uint8Array, folder: string): Promise<void> {
  let total = 0;
  const entries = unzipSync(zip, {
    filter: ({ name, originalSize }) => {
      if (!isInside(name)) {
        throw new Error(`the package names a file outside its folder: ${name}`);
      }
      total += originalSize;
      if (total > MAX_UNZIPPED_BYTES) {
        throw new Error(`Unzipped size must be smaller than ${MAX_UNZIPPED_BYTES} bytes`);
      }
      return true;
    },
  });
  const paths = Object.keys(entries).map((name) => join(folder, name));
  const folders = new Set(paths.map((path) => (path.endsWith(sep) ? path : dirname(path))));
  for (const path of folders) await mkdir(path, { recursive: true });
  // All lanes take from the same list.
  const files = Object.entries(entries).filter(([name]) => !name.endsWith("/"));
  const rest = files.values();
  const lane = async () => {
    // The modes stored in the zip are not read: executable for all, so that programs inside the package run.
    for (const [name, content] of rest) await writeFile(join(folder, name), content, { mode: 0o755 });
  };
  // All end before a failure is told: whoever hears of it removes the folder.
  const failed = (await Promise.allSettled(Array.from({ length: LANES }, lane))).find(
    (outcome) => outcome.status === "rejected",
  );
  if (failed !== undefined) throw failed.reason;
}

function isInside(name: string): boolean {
  const parts = name.split(/[/\\]/);
  return !(name.includes("\0") || parts[0] === "" || /^[a-zA-Z]:/.test(name) || parts.includes(".."));
}
