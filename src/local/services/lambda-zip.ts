// The directory at the end of a zip, read by itself: unpacking 250 MB to count them would block the server for seconds,
// and what a stranger's zip says of its own length is believed only as far as the file goes.

const END = 0x06054b50;
const END_BYTES = 22;
const END_64_LOCATOR = 0x07064b50;
const END_64_LOCATOR_BYTES = 20;
const END_64 = 0x06064b50;
const END_64_BYTES = 56;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const COMMENT_LIMIT = 0xffff;

export interface ZipContent {
  readonly entries: number;
  /** Bytes of all files unpacked, as the directory declares them. An entry of 4 GB or more counts as 4 GB. */
  readonly bytes: number;
}

/** What a zip holds; undefined when it is no sound zip. */
export function readZipDirectory(zip: Buffer): ZipContent | undefined {
  const end = findEnd(zip);
  const directory = end === undefined ? undefined : directoryAt(zip, end);
  if (directory === undefined) return undefined;
  const { count, size, offset, limit } = directory;
  if (offset + size > limit || count * ENTRY_BYTES > size) return undefined;
  let bytes = 0;
  let at = offset;
  for (let entry = 0; entry < count; entry++) {
    if (at + ENTRY_BYTES > offset + size || zip.readUInt32LE(at) !== ENTRY) return undefined;
    bytes += zip.readUInt32LE(at + 24);
    at += ENTRY_BYTES + zip.readUInt16LE(at + 28) + zip.readUInt16LE(at + 30) + zip.readUInt16LE(at + 32);
  }
  return at > offset + size ? undefined : { entries: count, bytes };
}

/** Where the end record begins: the last one whose comment reaches the end of the file. */
function findEnd(zip: Buffer): number | undefined {
  const first = Math.max(0, zip.length - END_BYTES - COMMENT_LIMIT);
  for (let at = zip.length - END_BYTES; at >= first; at--) {
    if (zip.readUInt32LE(at) === END && at + END_BYTES + zip.readUInt16LE(at + 20) === zip.length) return at;
  }
  return undefined;
}

interface Directory {
  readonly count: number;
  readonly size: number;
  readonly offset: number;
  /** Where the directory has to end at the latest. */
  readonly limit: number;
}

function directoryAt(zip: Buffer, end: number): Directory | undefined {
  const locator = end - END_64_LOCATOR_BYTES;
  if (locator < 0 || zip.readUInt32LE(locator) !== END_64_LOCATOR) {
    const [count, size, offset] = [zip.readUInt16LE(end + 10), zip.readUInt32LE(end + 12), zip.readUInt32LE(end + 16)];
    return { count, size, offset, limit: end };
  }
  const at = Number(zip.readBigUInt64LE(locator + 8));
  if (at + END_64_BYTES > locator || zip.readUInt32LE(at) !== END_64) return undefined;
  const [count, size, offset] = [32, 40, 48].map((place) => Number(zip.readBigUInt64LE(at + place)));
  if (count === undefined || size === undefined || offset === undefined) return undefined;
  return { count, size, offset, limit: at };
}
