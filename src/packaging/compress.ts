import { once } from "node:events";
import { createDeflateRaw, deflateRawSync } from "node:zlib";

const LEVEL = 6;
/** How much of a large file decides whether compressing it is worth the time. */
const SAMPLE_BYTES = 65_536;
const WORTHWHILE = 0.95;

/** The deflated content, or undefined when it is not smaller and should be stored as it is. */
export function deflated(content: Uint8Array): Uint8Array | undefined {
  if (content.length > SAMPLE_BYTES && !worthwhile(content)) return undefined;
  // Synchronous: for thousands of small files the thread pool costs more than it saves (npm run bench).
  const result = deflateRawSync(content, { level: LEVEL });
  return result.length < content.length ? result : undefined;
}

/** Whether a file that begins with this should be deflated. */
export function worthwhile(beginning: Uint8Array): boolean {
  const sample = beginning.subarray(0, SAMPLE_BYTES);
  return deflateRawSync(sample, { level: LEVEL }).length < sample.length * WORTHWHILE;
}

/** Deflates a file too large to hold, chunk by chunk. */
export class ChunkDeflater {
  readonly #deflate = createDeflateRaw({ level: LEVEL });
  readonly #result: Uint8Array[] = [];

  constructor() {
    this.#deflate.on("data", (chunk: Uint8Array) => this.#result.push(chunk));
  }

  async push(chunk: Uint8Array): Promise<void> {
    if (!this.#deflate.write(chunk)) await once(this.#deflate, "drain");
  }

  /** The whole, once everything is pushed. */
  async finish(): Promise<readonly Uint8Array[]> {
    this.#deflate.end();
    await once(this.#deflate, "end");
    return this.#result;
  }
}
