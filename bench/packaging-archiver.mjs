// The same folder through archiver, fed as well as it can be: sorted buffers, `ahead` of them, no read stream per file.
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ZipArchive } from "archiver";

const [, , setting, folder] = process.argv;
const { ahead, ...options } = JSON.parse(setting);
const start = performance.now();
const archive = new ZipArchive(options);
const hash = createHash("sha256");
let bytes = 0;
archive.on("data", (chunk) => {
  bytes += chunk.length;
  hash.update(chunk);
});
const ended = new Promise((resolve, reject) => archive.on("end", resolve).on("error", reject));
const names = readdirSync(folder, { recursive: true, withFileTypes: true })
  .filter((entry) => entry.isFile())
  .map((entry) => join(entry.parentPath, entry.name))
  .sort();
const next = () => {
  const name = names.shift();
  archive.append(readFileSync(name), { name, date: new Date(0), mode: 0o644 });
};
const total = names.length;
let packed = 0;
archive.on("entry", () => {
  packed++;
  if (names.length > 0) next();
  else if (packed === total) archive.finalize();
});
for (let i = 0; i < Math.min(ahead, total); i++) next();
await ended;
hash.digest();
const seconds = (performance.now() - start) / 1000;
process.stdout.write(JSON.stringify({ seconds, bytes, rss: process.resourceUsage().maxRSS * 1024 }));
