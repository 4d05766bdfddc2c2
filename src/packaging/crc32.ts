import zlib from "node:zlib";

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = (value & 1 ? 0xedb88320 : 0) ^ (value >>> 1);
  return value;
});

/** The checksum of a zip entry; pass the result of the previous chunk to go on from it. */
export function crc32(data: Uint8Array, previous = 0): number {
  // Eight times as fast, but Node has it only since 20.15.
  return "crc32" in zlib ? zlib.crc32(data, previous) : crc32ByTable(data, previous);
}

/** The same for Node 20.12 to 20.14. */
export function crc32ByTable(data: Uint8Array, previous: number): number {
  let crc = ~previous;
  for (let i = 0; i < data.length; i++) crc = (TABLE[(crc ^ (data[i] ?? 0)) & 255] ?? 0) ^ (crc >>> 8);
  return ~crc >>> 0;
}
