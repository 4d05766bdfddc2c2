import { closeSync, openSync, readSync } from "node:fs";

/** Reads how much memory a process has used at most. Only Linux tells; elsewhere nothing is known. */
export class MemoryMeter {
  // Open for as long as the process runs: the number of a process that has ended may be another's.
  #file: number | undefined;
  readonly #buffer = Buffer.alloc(4096);
  #peakMb: number | undefined;

  constructor(pid: number | undefined) {
    try {
      this.#file = openSync(`/proc/${pid}/status`, "r");
    } catch {
      this.#file = undefined;
    }
  }

  /** In MB; undefined when it is not known. Of a process that has ended, what was known before. */
  peakMb(): number | undefined {
    if (this.#file !== undefined) {
      try {
        const status = this.#buffer.toString(
          "latin1",
          0,
          readSync(this.#file, this.#buffer, 0, this.#buffer.length, 0),
        );
        const [, kilobytes] = /^VmHWM:\s+(\d+)/m.exec(status) ?? [];
        this.#peakMb = kilobytes === undefined ? this.#peakMb : Math.ceil(Number(kilobytes) / 1024);
      } catch {
        // ESRCH: it has ended.
      }
    }
    return this.#peakMb;
  }

  close(): void {
    if (this.#file !== undefined) {
      closeSync(this.#file);
      this.#file = undefined;
    }
  }
}
