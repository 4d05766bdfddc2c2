import { readFileSync } from "node:fs";
import { type FileHandle, open } from "node:fs/promises";
import { ChunkDeflater, deflated, worthwhile } from "./compress.ts";
import { crc32 } from "./crc32.ts";
import { unreadable } from "./limits.ts";

/** A file's content: in memory, or on disk with its size in bytes. */
export type ZipSource = Uint8Array | { readonly path: string; readonly size: number };

/** A file as it goes into the zip. */
export interface Packed {
  /** 0 stored, 8 deflated. */
  readonly method: 0 | 8;
  readonly crc: number;
  readonly size: number;
  readonly storedSize: number;
  readonly chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>;
}

/** Up to this size a file is read at once; larger ones go through in chunks. */
const WHOLE_FILE_BYTES = 4_194_304;
const CHUNK_BYTES = 262_144;

/** Throws a GatewayError (CodeUnreadable) that names the file. */
export async function pack(name: string, source: ZipSource): Promise<Packed> {
  try {
    if (source instanceof Uint8Array) return packWhole(source);
    // Synchronous for the same reason as deflating.
    if (source.size <= WHOLE_FILE_BYTES) return packWhole(readFileSync(source.path));
    return await packLarge(name, source.path);
  } catch (error) {
    throw unreadable(name, error);
  }
}

function packWhole(content: Uint8Array): Packed {
  const small = deflated(content);
  const data = small ?? content;
  const crc = crc32(content);
  return { method: small === undefined ? 0 : 8, crc, size: content.length, storedSize: data.length, chunks: [data] };
}

/** The checksum and the size stand before the data, so a file that is stored is read twice instead of held. */
async function packLarge(name: string, path: string): Promise<Packed> {
  let size = 0;
  let crc = 0;
  let deflater: ChunkDeflater | undefined;
  for await (const chunk of chunksOf(path)) {
    if (size === 0 && worthwhile(chunk)) deflater = new ChunkDeflater();
    await deflater?.push(chunk);
    crc = crc32(chunk, crc);
    size += chunk.length;
  }
  const chunks = (await deflater?.finish()) ?? [];
  const storedSize = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (deflater !== undefined && storedSize < size) return { method: 8, crc, size, storedSize, chunks };
  return { method: 0, crc, size, storedSize: size, chunks: storedChunks(name, path, { crc, size }) };
}

async function* storedChunks(name: string, path: string, first: { readonly crc: number; readonly size: number }) {
  let size = 0;
  let crc = 0;
  try {
    for await (const chunk of chunksOf(path)) {
      crc = crc32(chunk, crc);
      size += chunk.length;
      yield chunk;
    }
    if (crc !== first.crc || size !== first.size) throw new Error("it changed while it was being packaged.");
  } catch (error) {
    throw unreadable(name, error);
  }
}

async function* chunksOf(path: string): AsyncGenerator<Buffer> {
  const file = await open(path);
  try {
    for (let chunk = await readChunk(file); chunk.length > 0; chunk = await readChunk(file)) yield chunk;
  } finally {
    await file.close();
  }
}

async function readChunk(file: FileHandle): Promise<Buffer> {
  const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  let length = 0;
  for (let read = -1; read !== 0 && length < CHUNK_BYTES; length += read) {
    read = (await file.read(chunk, length, CHUNK_BYTES - length)).bytesRead;
  }
  return chunk.subarray(0, length);
}
