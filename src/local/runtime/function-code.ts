import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { unpackZip } from "./unpack.ts";

/** A folder with the unpacked code of a function. */
export class FunctionCode {
  /** The folder; rejects when the package is damaged. */
  readonly unpacked: Promise<string>;
  readonly #folder: Promise<string>;

  constructor(zip: Uint8Array) {
    this.#folder = mkdtemp(join(tmpdir(), "llm-gw-function-"));
    this.unpacked = this.#folder.then(async (folder) => {
      await unpackZip(zip, folder);
      return folder;
    });
    // Every request that needs the folder reports the failure.
    this.unpacked.catch(() => {});
  }

  async remove(): Promise<void> {
    await this.unpacked.catch(() => {});
    const folder = await this.#folder.catch(() => undefined);
    if (folder !== undefined) {
      await rm(folder, { recursive: true, force: true, maxRetries: 3 });
    }
  }
}
