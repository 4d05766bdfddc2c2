// Random things that happen to a gateway, one after the other: npm run test:model tries ten times as many.
import fc from "fast-check";
import { beforeAll, test } from "vitest";
import { type Ideals, prepareIdeals } from "./configurations.ts";
import { sequences } from "./random-sequences.ts";

const RUNS = 50;
/** Enough for a mishap, what a hand makes of it, and another mishap. */
const MOST_COMMANDS = 6;
/** What a failure prints, to try it again: LLM_GW_MODEL='{"seed":1,"path":"3:1","replayPath":"BC:F"}' npx vitest run test/model */
const { seed = Math.floor(Math.random() * 1e6), path, replayPath } = JSON.parse(process.env.LLM_GW_MODEL ?? "{}");

let ideals: Ideals;

beforeAll(async () => {
  ideals = await prepareIdeals();
});

test(`whatever happens, deploy converges and destroy leaves nothing (seed ${seed})`, { timeout: 240_000 }, async () => {
  await fc.assert(sequences(ideals, { most: MOST_COMMANDS, replayPath }), {
    seed,
    ...(path === undefined ? {} : { path }),
    numRuns: RUNS,
    // Shrinking ends in time to be reported.
    interruptAfterTimeLimit: 200_000,
    markInterruptAsFailure: true,
  });
});
