// Command lines in this process whose waits end at once: the date of the whole process, the local AWS's included, moves
// on to where a wait ends.
import { setImmediate as turn } from "node:timers/promises";
import { afterEach, beforeEach, vi } from "vitest";
import type { Clock } from "../../src/clock.ts";
import { describeAccount } from "../matrix/account.ts";
import { inWorld, type Run } from "../matrix/world.ts";
import { temporaryFolder } from "../support/cli.ts";
import { runHere } from "../support/run-here.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";

/** The account of the running test. */
export let aws: LocalTestAws;

/** Called with each call that the account has answered: `iam CreateRole 200`. */
let answered: (line: string) => void = () => undefined;

/** An empty account for each test of the file, and dates that move on by waiting. */
export function freshAccountForEachTest(): void {
  beforeEach(async () => {
    vi.useFakeTimers({ toFake: ["Date"] });
    answered = () => undefined;
    aws = await startLocal((line) => answered(line));
  });
  afterEach(async () => {
    await aws.faults();
    await aws.close();
    vi.useRealTimers();
  });
}

/**
 * The waits of one test may take four minutes in all: the Date header of Node's HTTP server keeps to the real date, and the
 * SDK takes its own clock for wrong when that differs by five.
 */
const clock: Clock = {
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
  return { folder, run: (...args) => runHere([...args, "--local"], { cwd: folder, env, clock }) };
}

/** Does `work` as soon as the account has answered so many calls from now on, or when `others` end without as many. */
export function afterCalls<T>(count: number, others: Promise<unknown>, work: () => Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    let left = count;
    const begin = () => {
      answered = () => undefined;
      work().then(resolve, reject);
    };
    answered = () => {
      left -= 1;
      if (left === 0) begin();
    };
    others.then(() => left > 0 && begin(), reject);
  });
}

/** Does `work` as soon as so many writes have taken effect from now on. */
export function afterWrites(count: number, work: () => void): void {
  afterAnswers(count, / (Create|Put|Attach|Add)\w+ 2/, work);
}

/** Does `work` as soon as the account has answered so many calls like this from now on, before the caller hears of it. */
export function afterAnswers(count: number, call: RegExp, work: () => void): void {
  let left = count;
  answered = (line) => {
    if (call.test(line)) left -= 1;
    if (left > 0) return;
    answered = () => undefined;
    work();
  };
}

/** The operations that wrote since this was last asked. */
export async function operations(): Promise<string[]> {
  return (await aws.calls()).filter(({ mutating }) => mutating).map(({ operation }) => operation);
}

/** What a deploy with these flags leaves in an empty account where nothing goes wrong. */
export async function deployedAccount(...flags: readonly string[]): Promise<unknown> {
  return inWorld(undefined, async (world) => {
    const { code, stderr } = await world.run(["deploy", "--local", ...flags]);
    if (code !== 0) throw new Error(stderr);
    return describeAccount(world.aws.save());
  });
}
