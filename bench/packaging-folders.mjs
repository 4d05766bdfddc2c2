// Writes the folders that bench/run-packaging.mjs packages; the same bytes on every run.
import { createCipheriv } from "node:crypto";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";

const MB = 1_000_000;
const cipher = createCipheriv("aes-128-ctr", Buffer.alloc(16, 1), Buffer.alloc(16));
const random = (bytes) => cipher.update(Buffer.alloc(bytes));
const number = (below) => random(4).readUInt32LE(0) % below;

const LETTERS = "etaoinshrdlucmfwypvbgkjqxz";
const word = () => Array.from({ length: 2 + number(9) }, () => LETTERS[Math.min(number(26), number(26))]).join("");
const words = Array.from({ length: 1500 }, word);
const JOINTS = [" ", " ", " ", ".", "(", ")", ", ", " = ", ";\n  ", " {\n    ", "}\n"];
const piece = () => words[number(1500)] + JOINTS[number(JOINTS.length)];
const phrases = Array.from({ length: 4000 }, () => Array.from({ length: 2 + number(6) }, piece).join(""));

/** Text that deflates to about 30 %, file by file, as the JavaScript of installed npm packages does. */
function source(bytes) {
  // A file repeats its own few phrases, with new words in between.
  const own = Array.from({ length: 1 + Math.ceil(bytes / 120) }, () => phrases[number(phrases.length)]);
  const parts = [];
  for (let length = 0; length < bytes; ) {
    const part = number(10) < 7 ? own[Math.min(number(own.length), number(own.length))] : piece();
    parts.push(part);
    length += part.length;
  }
  return parts.join("").slice(0, bytes);
}

function folder(name, files, content) {
  for (let i = 0; i < files; i++) {
    const place = join(process.argv[2], name, `part-${i % 300}`);
    mkdirSync(place, { recursive: true });
    writeFileSync(join(place, `file-${i}.js`), content(i));
  }
  writeFileSync(join(process.argv[2], name, "bootstrap"), "");
}

folder("random-200", 200, () => random(MB));
folder("random-1", 1, () => random(200 * MB));
folder("small-9000", 9000, () => source(1 + number((2 * 30 * MB) / 9000)));
folder("app-1mb", 100, () => source(MB / 100));
