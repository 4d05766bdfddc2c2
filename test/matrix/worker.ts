// One of the processes that share the matrix: node worker.mjs SEED STRIKES SHARD SHARDS. Reports to its parent.
import { allStrikes, prepareAll, runAll } from "./matrix.ts";
import { shuffled } from "./random.ts";

const [seed = 0, most = 0, shard = 0, shards = 1] = process.argv.slice(2).map(Number);
/** What waits takes a socket and some memory, and hardly any time. */
const LIMITS = { busy: 3, waiting: 96 };

const prepared = await prepareAll();
const strikes = shuffled(allStrikes(prepared), seed)
  .slice(0, most)
  .filter((_strike, n) => n % shards === shard);
const calls = prepared.map(({ flow, calls }) => [flow.name, calls.length]);
process.send?.({ flows: Object.fromEntries(calls), strikes: strikes.length });
await runAll(strikes, LIMITS, (result) => process.send?.({ result }));
process.disconnect();
