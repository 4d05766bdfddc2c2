import { setImmediate } from "node:timers/promises";
import { crc32 } from "./crc32.ts";
import { type Packed, pack, type ZipSource } from "./zip-entry.ts";

/** One file for the zip. */
export interface ZipEntry {
  /** With `/`, relative. */
  readonly name: string;
  readonly executable: boolean;
  readonly source: ZipSource;
}

const VERSION = 20;
const MADE_ON_UNIX = 3 << 8;
const UTF8_NAME = 0x0800;
const END_RECORD_BYTES = 22;
/** 1980-01-01 00:00 in MS-DOS form, which knows no time zone. */
const DATE = (1 << 5) | 1;
/** How much is packed before other work of the process gets a turn. */
const TURN_BYTES = 262_144;

/**
 * The zip of these files as a stream of chunks. The same names, contents and executable bits give the same bytes, in
 * whatever order they come. Sizes stand before each file's data, so that every kind of reader can unpack it.
 */
export async function* zipStream(entries: readonly ZipEntry[]): AsyncGenerator<Uint8Array> {
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1));
  const directory: Buffer[] = [];
  let offset = 0;
  let sinceTurn = 0;
  for (const entry of sorted) {
    const packed = await pack(entry.name, entry.source);
    const name = Buffer.from(entry.name, "utf8");
    const fields = commonFields(packed, name);
    directory.push(directoryRecord(entry, fields, name, offset));
    const header = localHeader(fields, name);
    yield header;
    for await (const chunk of packed.chunks) yield chunk;
    offset += header.length + packed.storedSize;
    sinceTurn += packed.size;
    if (sinceTurn > TURN_BYTES) {
      sinceTurn = 0;
      await setImmediate();
    }
  }
  const records = Buffer.concat(directory);
  yield records;
  yield endRecord(sorted.length, records.length, offset);
}

/**
 * A zip that `zipStream` has made, with one more file at its end. It is stored, not deflated: what comes out depends on
 * nothing but what goes in.
 */
export function withFile(zip: Buffer, name: string, content: Buffer): Buffer {
  const end = zip.length - END_RECORD_BYTES;
  const count = zip.readUInt16LE(end + 10) + 1;
  const offset = zip.readUInt32LE(end + 16);
  const nameBytes = Buffer.from(name, "utf8");
  const stored = { method: 0, crc: crc32(content), size: content.length, storedSize: content.length } as const;
  const fields = commonFields(stored, nameBytes);
  const data = Buffer.concat([localHeader(fields, nameBytes), content]);
  const records = Buffer.concat([
    zip.subarray(offset, end),
    directoryRecord({ executable: false }, fields, nameBytes, offset),
  ]);
  return Buffer.concat([
    ...[zip.subarray(0, offset), data, records],
    endRecord(count, records.length, offset + data.length),
  ]);
}

/** The 26 bytes that a file's local header and its directory record share. (APPNOTE 4.3.7 and 4.3.12) */
function commonFields(packed: Omit<Packed, "chunks">, name: Buffer): Buffer {
  const fields = Buffer.alloc(26);
  fields.writeUInt16LE(VERSION, 0);
  fields.writeUInt16LE(name.every((byte) => byte < 128) ? 0 : UTF8_NAME, 2);
  fields.writeUInt16LE(packed.method, 4);
  fields.writeUInt16LE(DATE, 8);
  fields.writeUInt32LE(packed.crc, 10);
  fields.writeUInt32LE(packed.storedSize, 14);
  fields.writeUInt32LE(packed.size, 18);
  fields.writeUInt16LE(name.length, 22);
  return fields;
}

function localHeader(fields: Buffer, name: Buffer): Buffer {
  return Buffer.concat([Buffer.from("PK\u0003\u0004"), fields, name]);
}

function directoryRecord(entry: Pick<ZipEntry, "executable">, fields: Buffer, name: Buffer, offset: number): Buffer {
  const start = Buffer.from("PK\u0001\u0002\0\0");
  start.writeUInt16LE(MADE_ON_UNIX | VERSION, 4);
  const end = Buffer.alloc(14);
  // A regular file. Lambda runs the code as another user, so all must be able to read it. [aws 4.5]
  end.writeUInt32LE(((0o100000 | (entry.executable ? 0o755 : 0o644)) << 16) >>> 0, 6);
  end.writeUInt32LE(offset, 10);
  return Buffer.concat([start, fields, end, name]);
}

function endRecord(count: number, directorySize: number, directoryOffset: number): Buffer {
  const record = Buffer.alloc(END_RECORD_BYTES);
  record.write("PK\u0005\u0006", 0, "latin1");
  record.writeUInt16LE(count, 8);
  record.writeUInt16LE(count, 10);
  record.writeUInt32LE(directorySize, 12);
  record.writeUInt32LE(directoryOffset, 16);
  return record;
}
