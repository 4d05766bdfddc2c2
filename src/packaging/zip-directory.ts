/** What a zip says about itself. */
export interface ZipDirectory {
  /** Names of the files in it; folders are left out. */
  readonly names: readonly string[];
  /** Bytes of all files, unpacked. */
  readonly unzippedBytes: number;
  readonly largest: { readonly name: string; readonly size: number };
}

interface DirectoryPlace {
  readonly start: number;
  readonly end: number;
  readonly count: number;
  /** Bytes before the zip proper, as in self-extracting files: all offsets count from behind them. */
  readonly prefix: number;
}

const END_RECORD = 0x06054b50;
const END_RECORD_BYTES = 22;
const LONGEST_COMMENT = 65_535;
const END64_LOCATOR = 0x07064b50;
const END64_RECORD = 0x06064b50;
const DIRECTORY_RECORD = 0x02014b50;
const LOCAL_HEADER = 0x04034b50;
const ENCRYPTED = 1;
const SIZE_IN_EXTRA_FIELD = 0xffffffff;

/**
 * Reads the directory at the end of a zip (APPNOTE 4.3.12 to 4.3.16, zip64 included) and checks that every file it
 * lists is there. Throws an Error that says what is wrong; the contents are not unpacked.
 */
export function readZipDirectory(zip: Buffer): ZipDirectory {
  try {
    return readRecords(zip, findDirectory(zip));
  } catch (error) {
    if (error instanceof RangeError) throw new Error("it is truncated or damaged", { cause: error });
    throw error;
  }
}

function findDirectory(zip: Buffer): DirectoryPlace {
  const at = findEndRecord(zip);
  const locator = at - 20;
  if (locator >= 0 && zip.readUInt32LE(locator) === END64_LOCATOR) return findDirectory64(zip, locator);
  const size = zip.readUInt32LE(at + 12);
  const offset = zip.readUInt32LE(at + 16);
  return place(at, size, offset, zip.readUInt16LE(at + 10));
}

function findEndRecord(zip: Buffer): number {
  const first = Math.max(0, zip.length - END_RECORD_BYTES - LONGEST_COMMENT);
  for (let at = zip.length - END_RECORD_BYTES; at >= first; at--) {
    const ends =
      zip.readUInt32LE(at) === END_RECORD && at + END_RECORD_BYTES + zip.readUInt16LE(at + 20) === zip.length;
    if (ends) return at;
  }
  throw new Error("the directory at its end is missing");
}

function findDirectory64(zip: Buffer, locator: number): DirectoryPlace {
  // Right before the locator, if it has no extension; its stated offset is wrong when something precedes the zip.
  const at = locator - 56;
  if (zip.readUInt32LE(at) !== END64_RECORD) throw new Error("its zip64 directory is missing");
  const size = Number(zip.readBigUInt64LE(at + 40));
  return place(at, size, Number(zip.readBigUInt64LE(at + 48)), Number(zip.readBigUInt64LE(at + 32)));
}

function place(end: number, size: number, offset: number, count: number): DirectoryPlace {
  const start = end - size;
  const prefix = start - offset;
  if (start < 0 || prefix < 0) throw new Error("it is truncated or damaged");
  return { start, end, count, prefix };
}

function readRecords(zip: Buffer, { start, end, count, prefix }: DirectoryPlace): ZipDirectory {
  const names: string[] = [];
  let unzippedBytes = 0;
  let largest = { name: "", size: 0 };
  let at = start;
  for (let i = 0; i < count; i++) {
    if (at >= end || zip.readUInt32LE(at) !== DIRECTORY_RECORD) throw new Error("its directory is damaged");
    if (zip.readUInt16LE(at + 8) & ENCRYPTED) throw new Error("it is encrypted");
    const nameEnd = at + 46 + zip.readUInt16LE(at + 28);
    const extraEnd = nameEnd + zip.readUInt16LE(at + 30);
    const name = zip.toString("utf8", at + 46, nameEnd);
    const sizes = recordSizes(zip, at, zip.subarray(nameEnd, extraEnd));
    const local = prefix + sizes.offset;
    if (zip.readUInt32LE(local) !== LOCAL_HEADER || local + 30 + sizes.packed > start) {
      throw new Error(`the file ${name} in it is damaged`);
    }
    if (!name.endsWith("/")) names.push(name);
    unzippedBytes += sizes.unpacked;
    if (sizes.unpacked > largest.size) largest = { name, size: sizes.unpacked };
    at = extraEnd + zip.readUInt16LE(at + 32);
  }
  return { names, unzippedBytes, largest };
}

function recordSizes(zip: Buffer, at: number, extra: Buffer): { packed: number; unpacked: number; offset: number } {
  const wide = wideValues(extra);
  const value = (position: number): number => {
    const short = zip.readUInt32LE(at + position);
    return short === SIZE_IN_EXTRA_FIELD ? (wide.shift() ?? short) : short;
  };
  // The zip64 extra field lists only the values that did not fit, in this order. (APPNOTE 4.5.3)
  const unpacked = value(24);
  const packed = value(20);
  return { packed, unpacked, offset: value(42) };
}

function wideValues(extra: Buffer): number[] {
  const values: number[] = [];
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    for (let field = at + 4; field + 8 <= end; field += 8) values.push(Number(extra.readBigUInt64LE(field)));
  }
  return values;
}
