// Command lines in this process whose waits end at once: the date of the whole process, the local AWS's included, moves
// on to where a wait ends.
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, vi } from "vitest";
import type { Clock } from "../../src/clock.ts";
import type { TimingChange } from "../../src/local/timing.ts";
import { type Run, runHere } from "../matrix/world.ts";
import { temporaryFolder } from "../support/cli.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";

/** The account of the running test. */
export let aws: LocalTestAws;

/** An empty account for each test of the file, and dates that move on by waiting. */
export function freshAccountForEachTest(): void {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    aws = await startLocal();
  });
  afterEach(async () => {
    await aws.faults();
    await aws.close();
    vi.useRealTimers();
  });
}

export const clock: Clock = {
  now: () => Date.now(),
  elapsed: () => Date.now(),
  async sleep(ms, signal) {
    const end = Date.now() + ms;
    await turn();
    signal.throwIfAborted();
    // Another wait may have moved it on already.
    if (Date.now() < end) vi.setSystemTime(end);
  },
};

/** A folder that takes part in a test: a machine, or one of several processes on it. */
export interface Machine {
  readonly folder: string;
  run(...args: string[]): Promise<Run>;
}

export async function machine(): Promise<Machine> {
  const folder = await temporaryFolder();
  const env = { LLM_GW_LOCAL_PORT: new URL(aws.url).port };
  return { folder, run: (...args) => runHere(folder, env, [...args, "--local"], clock) };
}

/** Changes the account's timing for the rest of the test. */
export const timing = (change: TimingChange) => aws.timing(change);
