// One measurement of src/packaging in a process of its own; bench/run-packaging.mjs compiles and starts it.
import { createHash } from "node:crypto";
import { packageCode } from "../src/package.ts";
import { listFiles } from "../src/packaging/files.ts";
import { zipStream } from "../src/packaging/zip.ts";

const [, , what, folder = "."] = process.argv;
const start = performance.now();
let bytes = 0;
if (what === "package") {
  bytes = (await packageCode(folder, { runtime: "provided.al2023", handler: "bootstrap" })).zip.length;
} else {
  const hash = createHash("sha256");
  const files = await listFiles(folder);
  for await (const chunk of zipStream(files.map((file) => ({ ...file, source: file })))) {
    bytes += chunk.length;
    hash.update(chunk);
  }
  hash.digest();
}
const seconds = (performance.now() - start) / 1000;
process.stdout.write(JSON.stringify({ seconds, bytes, rss: process.resourceUsage().maxRSS * 1024 }));
