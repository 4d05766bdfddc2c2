// Random things that happen to a gateway, one after the other: npm run test:model tries more and longer sequences.
import fc from "fast-check";
import { beforeAll, expect, test } from "vitest";
import { type Ideals, prepareIdeals } from "./configurations.ts";
import { failureText, sequences } from "./random-sequences.ts";

const RUNS = 50;
/** Enough for a mishap, what a hand makes of it, and another mishap. */
const MOST_COMMANDS = 6;
/** A failure prints what to set to see it again. */
const replay = JSON.parse(process.env.LLM_GW_MODEL ?? "{}");
const { seed = Math.floor(Math.random() * 1e6), path, replayPath, most = MOST_COMMANDS } = replay;

let ideals: Ideals;

beforeAll(async () => {
  ideals = await prepareIdeals();
});

test(`whatever happens, deploy converges and destroy leaves nothing (seed ${seed})`, { timeout: 560_000 }, async () => {
  const result = await fc.check(sequences(ideals, { most, replayPath }), {
    seed,
    path,
    numRuns: path === undefined ? RUNS : 1,
    // Shrinking ends in time to be reported.
    interruptAfterTimeLimit: 500_000,
    markInterruptAsFailure: true,
  });
  expect(await failureText(result, most)).toBeUndefined();
});
