// Random sequences of what can happen to a gateway: npm run test:model [-- --seed N] [-- --sequences N]
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundled } from "../support/bundled.mjs";

const { values } = parseArgs({ options: { seed: { type: "string" }, sequences: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const most = Number(values.sequences ?? 500);
const shards = Math.min(availableParallelism(), 4);
const start = performance.now();

/** By command: how often it was run. */
const rows = new Map();
const failures = [];
let done = 0;
let commands = 0;

function take({ sequence, failure }) {
  if (failure !== undefined) {
    failures.push(failure);
    process.stderr.write(`${failure}\n`);
    return;
  }
  done += 1;
  for (const name of sequence) rows.set(name, (rows.get(name) ?? 0) + 1);
  commands += sequence.length;
  if (done % 50 === 0) process.stderr.write(`${done} sequences after ${seconds()} s\n`);
}

function work(program, shard) {
  const runs = Math.floor(most / shards) + (shard < most % shards ? 1 : 0);
  // Each process has a series of its own.
  const child = fork(program, [seed + shard, runs].map(String), { stdio: "inherit" });
  child.on("message", take);
  return new Promise((resolve) => child.on("exit", resolve));
}

function seconds() {
  return Math.round((performance.now() - start) / 1000);
}

await bundled(join(import.meta.dirname, "worker.ts"), async (program) => {
  const codes = await Promise.all(Array.from({ length: shards }, (_item, shard) => work(program, shard)));
  const lines = [
    ...[...rows].sort().map(([name, count]) => name.padEnd(48) + String(count).padStart(8)),
    `${done} sequences of ${commands} commands, ${failures.length} failed, in ${seconds()} s, seed ${seed}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  process.exitCode = codes.every((code) => code === 0) && failures.length === 0 && done >= most ? 0 : 1;
});
