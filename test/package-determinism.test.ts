import { execFileSync } from "node:child_process";
import { chmodSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { build } from "esbuild";
import fc from "fast-check";
import { unzipSync } from "fflate";
import { expect, test } from "vitest";
import { packageCode, packageFiles } from "../src/package.ts";
import { ANY, tempFolder } from "./packaging/temp-folder.ts";

const FILES: readonly (readonly [string, string])[] = [
  ["app.py", "def handler(event, context):\n    return event\n".repeat(40)],
  ["b/Z.txt", "Z"],
  ["b/a.txt", "a".repeat(300)],
  ["é.txt", "accent"],
  ["\u{1f600}.txt", "beyond the first 65,536 characters"],
  ["\uffee.txt", "code unit order puts this one last"],
];

test("the same files give the same bytes: other place, order, dates and modes", async () => {
  const one = tempFolder(Object.fromEntries(FILES));
  const other = tempFolder(Object.fromEntries(FILES.toReversed()));
  for (const [name] of FILES) {
    utimesSync(join(other, name), new Date(2001, 1, 1), new Date(2031, 7, 7));
    chmodSync(join(other, name), 0o600);
  }
  expect((await packageCode(one, ANY)).zip.equals((await packageCode(other, ANY)).zip)).toBe(true);
});

test("a process in another time zone and with another umask gives the same bytes", async () => {
  const folder = tempFolder(Object.fromEntries(FILES));
  const program = join(tempFolder(), "package.mjs");
  await build({
    stdin: {
      contents: `import { packageCode } from "./src/package.ts";
        process.umask(0o077);
        packageCode(process.argv[2], ${JSON.stringify(ANY)}).then((made) => process.stdout.write(made.sha256));`,
      resolveDir: join(import.meta.dirname, ".."),
      loader: "ts",
    },
    outfile: program,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  const here = await packageCode(folder, ANY);
  for (const TZ of ["Pacific/Kiritimati", "America/Los_Angeles"]) {
    const there = execFileSync(process.execPath, [program, folder], { env: { ...process.env, TZ }, encoding: "utf8" });
    expect(there).toBe(here.sha256);
  }
});

// Stored files only: what deflate makes of the others belongs to the zlib of Node.
test("the container's bytes are those of earlier versions", async () => {
  const { sha256 } = await packageFiles(
    new Map([
      ["b/é.txt", Buffer.from("Z")],
      ["app.py", Buffer.from("pass")],
    ]),
  );
  expect(sha256).toBe("lHbvL4NcaIIA58CUTJWN5mnDHHmVKqt9pc2VKJaSGWE=");
});

test("any files come out of the zip as they went in", async () => {
  const segment = fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }).map((text) => text.replaceAll("/", "_"));
  const name = fc.array(segment, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
  const content = fc.oneof(
    fc.uint8Array({ maxLength: 3_000 }),
    fc.string({ maxLength: 500 }).map((text) => Buffer.from(text.repeat(40))),
    fc
      .tuple(fc.uint8Array({ minLength: 1, maxLength: 300 }), fc.integer({ min: 1, max: 900 }))
      .map(([bytes, times]) => Buffer.concat(Array.from({ length: times }, () => bytes))),
  );
  await fc.assert(
    fc.asyncProperty(fc.dictionary(name, content, { maxKeys: 12 }), async (files) => {
      const { zip } = await packageFiles(
        new Map(Object.entries(files).map(([key, value]): [string, Buffer] => [key, Buffer.from(value)])),
      );
      const unzipped = unzipSync(zip);
      expect(Object.keys(unzipped).sort()).toEqual(Object.keys(files).sort());
      for (const [key, value] of Object.entries(files))
        expect(Buffer.compare(unzipped[key] ?? Buffer.of(), value)).toBe(0);
    }),
    { numRuns: 60 },
  );
});
