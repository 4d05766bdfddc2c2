// One of the processes that share the sequences: node worker.mjs SEED SEQUENCES. Reports to its parent.
import fc from "fast-check";
import { prepareIdeals } from "./configurations.ts";
import { sequences } from "./random-sequences.ts";

const MOST_COMMANDS = 15;

const [seed = 0, numRuns = 0] = process.argv.slice(2).map(Number);
const ideals = await prepareIdeals();
const result = await fc.check(
  sequences(ideals, { most: MOST_COMMANDS, ran: (sequence) => process.send?.({ sequence }) }),
  {
    seed,
    numRuns,
  },
);
if (result.failed) process.send?.({ failure: await fc.asyncDefaultReportMessage(result) });
process.disconnect();
