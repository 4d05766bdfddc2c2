import { Deflate, deflateSync } from "fflate";

// fflate is plain JavaScript: the same input gives the same bytes on every Node version and CPU, which node:zlib
// does not promise, and CodeSha256 must not change with the machine. A fixed `mem` keeps Math.log, which may differ
// between engines, out of it.
const LEVEL = 6;
/** How much of a file decides whether compressing it is worth the time. */
const SAMPLE_BYTES = 65_536;
const WORTHWHILE = 0.95;
const FREQUENCIES = new Uint32Array(256);

/** The deflated content, or undefined when it is not smaller and should be stored as it is. */
export function deflated(content: Uint8Array): Uint8Array | undefined {
  const promising = content.length > SAMPLE_BYTES ? worthwhile(content) : !looksRandom(content);
  if (!promising) return undefined;
  const result = deflateSync(content, { level: LEVEL, mem: memFor(content.length) });
  return result.length < content.length ? result : undefined;
}

/** Whether a file that begins with this should be deflated. */
export function worthwhile(beginning: Uint8Array): boolean {
  const sample = beginning.subarray(0, SAMPLE_BYTES);
  if (looksRandom(sample)) return false;
  return deflateSync(sample, { level: LEVEL, mem: memFor(sample.length) }).length < sample.length * WORTHWHILE;
}

/**
 * Deflates a file too large to hold. The chunks given to `push` must always be cut in the same places:
 * the result depends on it. `result` is complete after the last `push`.
 */
export class ChunkDeflater {
  readonly result: Uint8Array[] = [];
  readonly #deflate = new Deflate({ level: LEVEL, mem: memFor(Number.MAX_SAFE_INTEGER) }, (chunk) => {
    this.result.push(chunk);
  });

  push(chunk: Uint8Array, last: boolean): void {
    this.#deflate.push(chunk, last);
  }
}

/**
 * Every byte value about equally frequent, as in photos, archives and encrypted data: finding this out costs a
 * fraction of trying to deflate. The sum of squared frequencies is n^2/256 + n for random bytes; within a tenth
 * of that, coding bytes by frequency cannot save two percent.
 */
function looksRandom(sample: Uint8Array): boolean {
  // An odd step, so that columns of numbers do not show only one of their bytes.
  const step = Math.ceil(sample.length / 2_048) | 1;
  let n = 0;
  FREQUENCIES.fill(0);
  for (let at = 0; at < sample.length; at += step) {
    const byte = sample[at] ?? 0;
    FREQUENCIES[byte] = (FREQUENCIES[byte] ?? 0) + 1;
    n++;
  }
  let squares = 0;
  for (let byte = 0; byte < 256; byte++) squares += (FREQUENCIES[byte] ?? 0) ** 2;
  return squares * 2560 < n * n * 11 + n * 2560;
}

/** fflate's hash table has 2^(12 + mem) places; about as many as there are bytes is enough. */
function memFor(bytes: number) {
  return bytes < 8_192 ? 0 : bytes < 65_536 ? 3 : bytes < 524_288 ? 6 : 8;
}
