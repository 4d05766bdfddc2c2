import { execFileSync } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmodSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { strFromU8, strToU8, unzipSync, zipSync } from "fflate";
import { describe, expect, test } from "vitest";
import { packageCode, packageFiles, packageZipWith } from "../src/package.ts";
import { ANY, tempFolder } from "./packaging/temp-folder.ts";

const NODE = { runtime: "nodejs22.x", handler: "app.handler" };
const MB = 1_048_576;

describe("a folder", () => {
  test("becomes a zip with its digest, its number of files and their size", async () => {
    const folder = tempFolder({ "app.js": "exports.handler = 1", "lib/deep/é.txt": "x".repeat(5000), empty: "" });
    const { zip, sha256, files, unzippedBytes } = await packageCode(folder, NODE);
    const unzipped = unzipSync(zip);
    expect(Object.keys(unzipped)).toEqual(["app.js", "empty", "lib/deep/é.txt"]);
    expect(Buffer.from(unzipped["lib/deep/é.txt"] ?? []).toString()).toBe("x".repeat(5000));
    expect(sha256).toBe(createHash("sha256").update(zip).digest("base64"));
    expect({ files, unzippedBytes }).toEqual({ files: 3, unzippedBytes: 19 + 5000 });
  });

  test.skipIf(process.platform === "win32")("keeps only whether a file is executable", async () => {
    const folder = tempFolder({ bootstrap: "#!/bin/sh", data: "1" });
    chmodSync(join(folder, "bootstrap"), 0o700);
    chmodSync(join(folder, "data"), 0o400);
    const { zip } = await packageCode(folder, { runtime: "provided.al2023", handler: "x" });
    expect(modes(zip)).toEqual([0o100755, 0o100644]);
  });

  test("stores what does not compress, and deflates what does, whatever the size", async () => {
    const text = Buffer.from("All work and no play makes Jack a dull boy.\n".repeat(150_000));
    const noise = randomBytes(5 * MB);
    const folder = tempFolder({
      "large.txt": text,
      "noise.bin": noise,
      "tiny.txt": "ab",
      "head.txt": text.subarray(0, 4000),
    });
    const { zip } = await packageCode(folder, ANY);
    const unzipped = unzipSync(zip);
    expect(text.equals(unzipped["large.txt"] ?? Buffer.alloc(0))).toBe(true);
    expect(noise.equals(unzipped["noise.bin"] ?? Buffer.alloc(0))).toBe(true);
    expect(zip.length).toBeGreaterThan(noise.length);
    expect(zip.length).toBeLessThan(noise.length + 200_000);
    expect(zip.includes(noise.subarray(0, 1000))).toBe(true);
  });

  test("that is empty, or wholly left out, is an error", async () => {
    await expect(packageCode(tempFolder(), NODE)).rejects.toMatchObject({ code: "CodeEmpty" });
    const ignored = tempFolder({ ".llmgwignore": "*\n", "app.js": "" });
    await expect(packageCode(ignored, NODE)).rejects.toMatchObject({
      code: "CodeEmpty",
      hint: expect.stringMatching(/llmgwignore/),
    });
  });

  test("that is missing is an error that names it", async () => {
    const missing = join(tempFolder(), "nowhere");
    await expect(packageCode(missing, NODE)).rejects.toMatchObject({
      code: "CodeNotFound",
      message: expect.stringContaining(missing),
      hint: expect.stringMatching(/--code/),
    });
  });

  test("above 250 MB is refused by the sizes alone", async () => {
    const folder = tempFolder({ "app.js": "", "model.bin": "" });
    truncateSync(join(folder, "model.bin"), 262_144_001);
    await expect(packageCode(folder, NODE)).rejects.toMatchObject({
      code: "CodeTooLarge",
      message: expect.stringMatching(/250 MB unzipped/),
      hint: expect.stringMatching(/model\.bin \(251 MB\)/),
    });
  });

  test("above 50 MB zipped is refused", async () => {
    const noise = randomBytes(53_000_000);
    const folder = tempFolder({ "app.js": "", "model.bin": noise });
    await expect(packageCode(folder, NODE)).rejects.toMatchObject({
      code: "CodeTooLarge",
      message: expect.stringMatching(/50 MB zipped/),
    });
  });

  test("without the handler's file is refused", async () => {
    await expect(packageCode(tempFolder({ "main.js": "" }), NODE)).rejects.toMatchObject({ code: "HandlerNotFound" });
  });
});

describe("an existing zip", () => {
  test("is used byte for byte, whoever wrote it", async () => {
    const bytes = Buffer.from(zipSync({ "app.js": strToU8("1"), lib: { "a.txt": strToU8("22") } }));
    const path = join(tempFolder({ "code.zip": bytes }), "code.zip");
    const { zip, files, unzippedBytes } = await packageCode(path, NODE);
    expect(zip.equals(bytes)).toBe(true);
    expect({ files, unzippedBytes }).toEqual({ files: 2, unzippedBytes: 3 });
  });

  test("must be a whole, valid one", async () => {
    const bytes = Buffer.from(zipSync({ "app.js": strToU8("1".repeat(100)) }, { level: 0 }));
    const damaged = Buffer.from(bytes);
    damaged.fill(0, 0, 10);
    const files = { "text.zip": "hello", "empty.zip": "", "cut.zip": bytes.subarray(0, -30), "damaged.zip": damaged };
    const headless = { ...files, "headless.zip": bytes.subarray(40) };
    const folder = tempFolder(headless);
    for (const name of Object.keys(headless)) {
      await expect(packageCode(join(folder, name), NODE)).rejects.toMatchObject({ code: "CodeNotZip" });
    }
  });

  test("is held to the same limits and the same handler", async () => {
    const folder = tempFolder({
      "code.zip": zipSync({ "main.js": strToU8("1") }),
      "none.zip": zipSync({}),
      "big.zip": "",
    });
    truncateSync(join(folder, "big.zip"), 52_428_801);
    const bomb = Buffer.from(zipSync({ "app.js": strToU8("1") }));
    bomb.writeUInt32LE(262_144_001, bomb.indexOf("PK\u0001\u0002") + 24);
    writeFileSync(join(folder, "bomb.zip"), bomb);
    const codes: Record<string, string> = {
      "code.zip": "HandlerNotFound",
      "none.zip": "CodeEmpty",
      "big.zip": "CodeTooLarge",
      "bomb.zip": "CodeTooLarge",
    };
    for (const [name, code] of Object.entries(codes)) {
      await expect(packageCode(join(folder, name), NODE)).rejects.toMatchObject({ code });
    }
  });
});

test("files in memory become a zip that does not depend on their order", async () => {
  const a = await packageFiles(
    new Map([
      ["index.mjs", Buffer.from("1")],
      ["a.txt", Buffer.from("2")],
    ]),
  );
  const b = await packageFiles(
    new Map([
      ["a.txt", Buffer.from("2")],
      ["index.mjs", Buffer.from("1")],
    ]),
  );
  expect(a.sha256).toBe(b.sha256);
  expect(a.files).toBe(2);
});

test("a file that is added to a zip comes last, and the others stay as they are packed", async () => {
  const files = new Map([
    ["index.mjs", Buffer.from("export const a = 1;\n".repeat(100))],
    ["empty.txt", Buffer.alloc(0)],
  ]);
  const { zip } = await packageFiles(files);
  const added = packageZipWith(zip, "für.json", Buffer.from("{}"));
  expect(added.files).toBe(3);
  expect(added.unzippedBytes).toBe(2_002);
  expect(added.sha256).toBe(createHash("sha256").update(added.zip).digest("base64"));
  const directory = zip.readUInt32LE(zip.length - 6);
  expect(added.zip.subarray(0, directory)).toEqual(zip.subarray(0, directory));
  const unzipped = unzipSync(added.zip);
  expect(Object.keys(unzipped)).toEqual(["empty.txt", "index.mjs", "für.json"]);
  expect(strFromU8(unzipped["index.mjs"] ?? Buffer.of())).toBe("export const a = 1;\n".repeat(100));
  expect(strFromU8(unzipped["für.json"] ?? Buffer.of())).toBe("{}");
});

describe("the zip is sound for", () => {
  const files = { "app.py": "print(1)\n".repeat(100), "lib/ü.txt": "x", empty: "", "noise.bin": randomBytes(70_000) };

  test("python's zipfile", async (context) => {
    if (!available("python3")) return context.skip("python3 is not installed");
    const path = await zipFile(files);
    const check = "import sys, zipfile; print(zipfile.ZipFile(sys.argv[1]).testzip())";
    expect(execFileSync("python3", ["-c", check, path], { encoding: "utf8" }).trim()).toBe("None");
  });

  test("unzip", async (context) => {
    if (!available("unzip")) return context.skip("unzip is not installed");
    const path = await zipFile(files);
    expect(execFileSync("unzip", ["-t", path], { encoding: "utf8" })).toContain("No errors detected");
  });

  async function zipFile(content: Readonly<Record<string, string | Uint8Array>>): Promise<string> {
    const path = join(tempFolder(), "code.zip");
    writeFileSync(path, (await packageCode(tempFolder(content), ANY)).zip);
    return path;
  }

  function available(program: string): boolean {
    try {
      execFileSync(program, [program === "unzip" ? "-v" : "--version"], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  }
});

/** The Unix modes in a zip's directory. */
function modes(zip: Buffer): number[] {
  const found: number[] = [];
  for (let at = zip.indexOf("PK\u0001\u0002"); at >= 0; at = zip.indexOf("PK\u0001\u0002", at + 4)) {
    found.push(zip.readUInt32LE(at + 38) >>> 16);
  }
  return found;
}
