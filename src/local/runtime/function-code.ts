import { type TemporaryFolder, temporaryFolder } from "../temporary-folder.ts";
import { unpackZip } from "./unpack.ts";

/** A folder with the unpacked code of a function. */
export class FunctionCode {
  /** The folder; rejects when the package is damaged. */
  readonly unpacked: Promise<string>;
  readonly #folder: Promise<TemporaryFolder>;

  constructor(zip: Uint8Array) {
    this.#folder = temporaryFolder("llm-gw-function-");
    this.unpacked = this.#folder.then(async ({ path }) => {
      await unpackZip(zip, path);
      return path;
    });
    // Every request that needs the folder reports the failure.
    this.unpacked.catch(() => {});
  }

  async remove(): Promise<void> {
    await this.unpacked.catch(() => {});
    const folder = await this.#folder.catch(() => undefined);
    await folder?.remove();
  }
}
