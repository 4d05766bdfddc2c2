// Figures of the packaging, each from a fresh process: node bench/run-packaging.mjs
import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { build } from "esbuild";

const RUNS = 3;
const here = import.meta.dirname;
const temp = mkdtempSync(join(tmpdir(), "llm-gw-bench-"));
const ours = join(temp, "bench.mjs");
const archiver = join(here, "packaging-archiver.mjs");

/** The fastest of some runs, with the highest memory of all. */
function measure(program, argument, folder) {
  const runs = Array.from({ length: RUNS }, () =>
    JSON.parse(execFileSync(process.execPath, [program, argument, join(temp, folder)], { encoding: "utf8" })),
  );
  const seconds = Math.min(...runs.map((run) => run.seconds));
  return { seconds, bytes: runs[0].bytes, rss: Math.max(...runs.map((run) => run.rss)) };
}

function report(title, { seconds, bytes, rss }, extra = "") {
  const columns = [`${seconds.toFixed(2)} s`, `${(bytes / 1e6).toFixed(1)} MB zip`, `${Math.round(rss / 1e6)} MB RSS`];
  process.stdout.write(`${title.padEnd(46)} ${columns.map((column) => column.padStart(14)).join("")}  ${extra}\n`);
}

try {
  await build({
    entryPoints: [join(here, "packaging-bench.ts")],
    outfile: ours,
    bundle: true,
    format: "esm",
    platform: "node",
    target: "node20",
  });
  execFileSync(process.execPath, [join(here, "packaging-folders.mjs"), temp]);

  for (const [folder, title] of [
    ["random-200", "200 x 1 MB incompressible"],
    ["random-1", "1 x 200 MB incompressible"],
  ]) {
    const result = measure(ours, "stream", folder);
    report(title, result, `${Math.round(200 / result.seconds)} MB/s (bar: 100 MB/s, 250 MB RSS)`);
  }
  const small = measure(ours, "stream", "small-9000");
  report("9,000 files, 30 MB", small, "(bar: 3 s, 150 MB RSS)");
  report("1 MB folder, packageCode", measure(ours, "package", "app-1mb"));
  for (const setting of [
    '{"ahead":16,"zlib":{"level":6}}',
    '{"ahead":9001,"zlib":{"level":6}}',
    '{"ahead":9001,"zlib":{"level":1}}',
    '{"ahead":9001,"store":true}',
  ]) {
    const result = measure(archiver, setting, "small-9000");
    report(`archiver ${setting}`, result, `${(result.seconds / small.seconds).toFixed(1)} x ours`);
  }
} finally {
  rmSync(temp, { recursive: true, force: true });
}
