import { expect, test } from "vitest";
import { backoff, until } from "../../src/aws/retry.ts";

/** A clock that jumps instead of waiting. */
function jumpingClock() {
  let now = 0;
  const pauses: number[] = [];
  const sleep = async (ms: number, signal: AbortSignal) => {
    signal.throwIfAborted();
    pauses.push(ms);
    now += ms;
  };
  return { clock: { now: () => now, sleep }, pauses };
}

function waitFor(limitMs: number, controller = new AbortController()) {
  const { clock, pauses } = jumpingClock();
  const said: string[] = [];
  const waiting = (what: string) => said.push(what);
  return {
    pauses,
    said,
    wait: { clock, signal: controller.signal, what: "the moon", limitMs, pauseMs: backoff(100, 400), waiting },
  };
}

test("tries until done, with growing pauses, and says once what it waits for", async () => {
  const { wait, pauses, said } = waitFor(10_000);
  expect(await until(wait, async (n) => (n < 5 ? { notYet: "dark" } : { done: "full" }))).toBe("full");
  expect(pauses).toEqual([100, 200, 400, 400]);
  expect(said).toEqual(["the moon"]);
});

test("gives up at the limit, and says what it waited for, how long and why", async () => {
  const { wait } = waitFor(1_000);
  await expect(until(wait, async () => ({ notYet: "still dark" }))).rejects.toMatchObject({
    code: "Timeout",
    message: "gave up waiting for the moon after 4 tries over 0.7 s",
    hint: "The last answer was: still dark",
  });
});

test("what an attempt throws ends the wait at once", async () => {
  const { wait, pauses } = waitFor(10_000);
  const attempt = async (n: number) => {
    if (n === 2) throw new Error("denied");
    return { notYet: "dark" };
  };
  await expect(until(wait, attempt)).rejects.toThrow("denied");
  expect(pauses).toEqual([100]);
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
