import { expect, test } from "vitest";
import { backoff, until, within } from "../../src/aws/retry.ts";

/** A clock that jumps instead of waiting, on a machine whose date somebody sets back all the time. */
function jumpingClock() {
  let elapsed = 0;
  const pauses: number[] = [];
  const sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    pauses.push(ms);
    elapsed += ms;
  };
  return { clock: { now: () => -elapsed, elapsed: () => elapsed, sleep }, pauses };
}

function waitFor(limitMs: number, controller = new AbortController()) {
  const { clock, pauses } = jumpingClock();
  const said: string[] = [];
  const waiting = (what: string) => {
    said.push(what);
    return () => void said.push("over");
  };
  return {
    pauses,
    said,
    wait: { clock, signal: controller.signal, what: "the moon", limitMs, pauseMs: backoff(100, 400), waiting },
  };
}

test("tries until done, with growing pauses, and says once what it waits for and when it is over", async () => {
  const { wait, pauses, said } = waitFor(10_000);
  expect(await until(wait, async (n) => (n < 5 ? { notYet: "dark" } : { done: "full" }))).toBe("full");
  expect(pauses).toEqual([100, 200, 400, 400]);
  expect(said).toEqual(["the moon", "over"]);
});

test("gives up at the limit, and says what it waited for, how long and why", async () => {
  const { wait, said } = waitFor(1_000);
  await expect(until(wait, async () => ({ notYet: "still dark" }))).rejects.toMatchObject({
    code: "Timeout",
    message: "gave up waiting for the moon after 4 tries over 0.7 s",
    hint: "The last answer was: still dark",
  });
  expect(said).toEqual(["the moon", "over"]);
});

test("what may never come is waited for no longer than the limit, and not missed", async () => {
  const { wait, pauses } = waitFor(1_000);
  expect(await within(wait, async () => ({ notYet: "dark" }))).toBeUndefined();
  expect(pauses).toEqual([100, 200, 400]);
});

test("what an attempt throws ends the wait at once", async () => {
  const { wait, pauses, said } = waitFor(10_000);
  const attempt = async (n: number) => {
    if (n === 2) throw new Error("denied");
    return { notYet: "dark" };
  };
  await expect(until(wait, attempt)).rejects.toThrow("denied");
  expect(pauses).toEqual([100]);
  expect(said).toEqual(["the moon", "over"]);
});

test("an interrupt ends the wait", async () => {
  const controller = new AbortController();
  const { wait } = waitFor(10_000, controller);
  const attempt = async () => {
    controller.abort(new Error("interrupted"));
    return { notYet: "dark" };
  };
  await expect(until(wait, attempt)).rejects.toThrow("interrupted");
});
