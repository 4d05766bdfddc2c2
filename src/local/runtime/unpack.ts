import { mkdir, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { unzipSync } from "fflate";

/** Code and layers together, unzipped [aws 4.3, 4.9]. */
const MAX_UNZIPPED_BYTES = 262_144_000;

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
  for (const [name, content] of Object.entries(entries)) {
    const target = join(folder, name);
    if (name.endsWith("/")) {
      await mkdir(target, { recursive: true });
      continue;
    }
    await mkdir(dirname(target), { recursive: true });
    // The modes stored in the zip are not read: executable for all, so that programs inside the package run.
    await writeFile(target, content, { mode: 0o755 });
  }
}

function isInside(name: string): boolean {
  const parts = name.split(/[/\\]/);
  return !(name.includes("\0") || parts[0] === "" || /^[a-zA-Z]:/.test(name) || parts.includes(".."));
}
