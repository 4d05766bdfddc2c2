// One of the processes that share the sequences: node worker.mjs SEED SEQUENCES. Reports to its parent.
import fc from "fast-check";
import { prepareIdeals } from "./configurations.ts";
import { failureText, sequences } from "./random-sequences.ts";

const MOST_COMMANDS = 15;

const [seed = 0, numRuns = 0] = process.argv.slice(2).map(Number);
const ideals = await prepareIdeals();
const property = sequences(ideals, { most: MOST_COMMANDS, ran: (sequence) => process.send?.({ sequence }) });
const failure = await failureText(await fc.check(property, { seed, numRuns }), MOST_COMMANDS);
if (failure !== undefined) process.send?.({ failure });
process.disconnect();
