import { randomBytes } from "node:crypto";
import { rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import zlib from "node:zlib";
import { expect, test } from "vitest";
import { crc32ByTable } from "../../src/packaging/crc32.ts";
import { zipStream } from "../../src/packaging/zip.ts";
import { tempFolder } from "./temp-folder.ts";

async function drain(path: string, size: number, between?: () => void): Promise<void> {
  for await (const _ of zipStream([{ name: "a.bin", executable: false, source: { path, size } }])) between?.();
}

test("a file that is gone when its turn comes is named", async () => {
  const folder = tempFolder({ "a.bin": "1" });
  rmSync(join(folder, "a.bin"));
  await expect(drain(join(folder, "a.bin"), 1)).rejects.toMatchObject({
    code: "CodeUnreadable",
    message: expect.stringMatching(/^Cannot read a\.bin: ENOENT/),
  });
});

test("a large file that changes between its two readings does not give a broken zip", async () => {
  const size = 6_000_000;
  const path = join(tempFolder({ "a.bin": randomBytes(size) }), "a.bin");
  let chunks = 0;
  const change = () => {
    if (chunks++ === 0) writeFileSync(path, randomBytes(size));
  };
  await expect(drain(path, size, change)).rejects.toMatchObject({ message: expect.stringMatching(/it changed/) });
});

test("the checksum is the same on Node versions without zlib.crc32", (context) => {
  if (!("crc32" in zlib)) return context.skip("this Node has no zlib.crc32 to compare with");
  const data = randomBytes(10_000);
  const halves = crc32ByTable(data.subarray(4000), crc32ByTable(data.subarray(0, 4000), 0));
  expect(halves).toBe(zlib.crc32(data));
});
