// Every failure at every call: npm run test:matrix [-- --seed N] [-- --strikes N]
import { fork } from "node:child_process";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { bundled } from "../support/bundled.mjs";

const { values } = parseArgs({ options: { seed: { type: "string" }, strikes: { type: "string" } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 1e6));
const most = Number(values.strikes ?? Number.MAX_SAFE_INTEGER);
const shards = Math.min(availableParallelism(), 4);
const start = performance.now();

/** By flow: what the table shows. */
const rows = new Map();
const problems = [];
let done = 0;
let all = 0;

function take({ flows, strikes, result }) {
  if (flows !== undefined) {
    all += strikes;
    for (const [flow, calls] of Object.entries(flows)) {
      if (!rows.has(flow)) rows.set(flow, { calls, faults: 0, survived: 0, scenarios: 0, converged: 0, leftovers: 0 });
    }
    return;
  }
  const row = rows.get(result.flow);
  row.faults += 1;
  row.survived += result.survived ? 1 : 0;
  row.scenarios += result.scenarios;
  row.converged += result.converged;
  row.leftovers += result.leftovers;
  problems.push(...result.problems);
  for (const problem of result.problems) process.stderr.write(`${problem}\n`);
  done += 1;
  if (done % 100 === 0) process.stderr.write(`${done} of ${all} faults after ${seconds()} s\n`);
}

function work(program, shard) {
  const child = fork(program, [seed, most, shard, shards].map(String), { stdio: "inherit" });
  child.on("message", take);
  return new Promise((resolve) => child.on("exit", resolve));
}

function seconds() {
  return Math.round((performance.now() - start) / 1000);
}

const COLUMNS = ["calls", "faults", "survived", "scenarios", "converged", "leftovers"];

function line(flow, row) {
  return flow.padEnd(28) + COLUMNS.map((name) => String(row(name)).padStart(name.length + 2)).join("");
}

await bundled(join(import.meta.dirname, "worker.ts"), async (program) => {
  const codes = await Promise.all(Array.from({ length: shards }, (_item, shard) => work(program, shard)));
  const total = (name) => [...rows.values()].reduce((sum, row) => sum + row[name], 0);
  const lines = [
    line("flow", (name) => name),
    ...[...rows].map(([flow, row]) => line(flow, (name) => row[name])),
    line("all", total),
    `${total("scenarios")} scenarios from ${done} faults in ${seconds()} s, seed ${seed}`,
  ];
  process.stdout.write(`${lines.join("\n")}\n`);
  const isWhole = codes.every((code) => code === 0) && done === all && all > 0;
  process.exitCode = isWhole && problems.length === 0 && total("converged") === total("scenarios") ? 0 : 1;
});
