// Following log groups of the local AWS through the SDK, while others write into them.

import { setImmediate } from "node:timers/promises";
import {
  CloudWatchLogsClient,
  CreateLogGroupCommand,
  CreateLogStreamCommand,
  DeleteLogGroupCommand,
  PutLogEventsCommand,
} from "@aws-sdk/client-cloudwatch-logs";
import { beforeEach, expect, test, vi } from "vitest";
import { followLogs, type LogQuery, readLogs } from "../../src/aws/log-events.ts";
import { aws, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();
let logs: CloudWatchLogsClient;
beforeEach(() => {
  logs = new CloudWatchLogsClient({ ...aws.client, maxAttempts: 1 });
});

async function createGroup(logGroupName: string, streams: readonly string[] = ["a"]): Promise<void> {
  await logs.send(new CreateLogGroupCommand({ logGroupName }));
  for (const logStreamName of streams) await logs.send(new CreateLogStreamCommand({ logGroupName, logStreamName }));
}

/** Writes messages; each is as many milliseconds old as `ages` says. */
async function write(
  logGroupName: string,
  logStreamName: string,
  messages: readonly string[],
  ages: readonly number[],
) {
  const now = Date.now();
  const logEvents = messages
    .map((message, index) => ({ message, timestamp: now - (ages[index] ?? 0) }))
    .sort((a, b) => a.timestamp - b.timestamp);
  await logs.send(new PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
}

/** A clock that only lets others have their turn; `onPause` is called at each pause. */
function clock(onPause: () => Promise<void> | void = () => undefined) {
  return {
    now: () => Date.now(),
    elapsed: () => performance.now(),
    async sleep(_ms: number, signal: AbortSignal) {
      await onPause();
      signal.throwIfAborted();
      await setImmediate();
    },
  };
}

/** Follows groups from `agoMs` on, without pauses and without end. */
function follow(groups: readonly string[], agoMs: number, trouble: (error: Error) => void = () => undefined) {
  const query = { since: Date.now() - agoMs, clock: clock() };
  return followLogs(logs, groups, query, { signal: new AbortController().signal, trouble });
}

/** The messages that three looks at a group bring, by a clock that is off; `afterFirst` is called between the first two. */
async function threeLooks(query: Omit<LogQuery, "clock">, offsetMs: number, afterFirst: () => Promise<void>) {
  const end = new AbortController();
  let looks = 0;
  const pausing = clock(async () => {
    looks += 1;
    if (looks === 1) await afterFirst();
    if (looks === 3) end.abort();
  });
  const skewed = { ...pausing, now: () => Date.now() + offsetMs };
  const following = followLogs(
    logs,
    ["g"],
    { ...query, clock: skewed },
    { signal: end.signal, trouble: () => undefined },
  );
  const messages: string[] = [];
  const reading = (async () => {
    for await (const { message } of following) messages.push(message);
  })();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  return messages;
}

/** Pseudo-random whole numbers below a bound, the same in every run. */
function numbers(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * below);
  };
}

test("every event comes once, though many write at once, late, with equal times and into small pages", async () => {
  const streams = ["a", "b", "c", "d"];
  const groups = ["function", "access"];
  for (const group of groups) await createGroup(group, streams);
  await aws.timing({ pageSize: 15 });

  const random = numbers(7);
  const written: string[] = [];
  const writers = groups.flatMap((group) =>
    streams.map(async (stream) => {
      for (let batch = 0; batch < 15; batch++) {
        const messages = Array.from({ length: 1 + random(12) }, (_, n) => `${group} ${stream} ${batch} ${n}`);
        // Some are of now, many share their second, some are minutes late.
        const ages = messages.map(() => [0, 1_000 * random(3), 1_000 * random(240)][random(3)] ?? 0);
        await write(group, stream, messages, ages);
        written.push(...messages);
      }
    }),
  );
  let hasWritten = false;
  const writing = Promise.all(writers).then(() => {
    hasWritten = true;
  });

  const seen: string[] = [];
  const end = new AbortController();
  let looks = 0;
  const paused = () => {
    if (hasWritten && ++looks > 3) end.abort();
  };
  const query = { since: Date.now() - 600_000, clock: clock(paused) };
  const following = followLogs(logs, groups, query, { signal: end.signal, trouble: () => undefined });
  const reading = (async () => {
    for await (const { message } of following) seen.push(message);
  })();
  await expect(reading).rejects.toMatchObject({ name: "AbortError" });
  await writing;
  expect(seen.toSorted()).toEqual(written.toSorted());
});

test("a group that was quiet for long still shows what comes a little late", async () => {
  await createGroup("g");
  await write("g", "a", ["old"], [3_600_000]);
  const seen: string[] = [];
  for await (const { message } of follow(["g"], 7_200_000)) {
    seen.push(message);
    if (message === "old") await write("g", "a", ["prompt"], [0]);
    if (message === "prompt") await write("g", "a", ["late"], [290_000]);
    if (message === "late") break;
  }
  expect(seen).toEqual(["old", "prompt", "late"]);
});

test("what a filter has searched in vain is not searched again, and what comes minutes late still is", async () => {
  await createGroup("g");
  await write("g", "a", ["noise"], [3_600_000]);
  const starts: number[] = [];
  logs.middlewareStack.add(
    (next) => (args) => {
      if ("startTime" in args.input) starts.push(Number(args.input.startTime));
      return next(args);
    },
    { step: "initialize" },
  );
  const begun = Date.now();
  const query = { since: begun - 86_400_000, pattern: "wanted" };
  expect(await threeLooks(query, 0, () => write("g", "a", ["wanted"], [800_000]))).toEqual(["wanted"]);
  // What AWS tells of its clock ends with the second.
  const nearest = starts.map((start) => Math.round((start - begun) / 10_000) * 10_000);
  expect(nearest).toEqual([-86_400_000, -900_000, -900_000]);
});

test("a clock of one's own that runs ahead, which AWS has told, makes nothing late", async () => {
  await createGroup("g");
  // Time is right for the signatures, and an hour ahead for all others.
  logs.middlewareStack.add(
    (next) => async (args) => {
      logs.config.systemClockOffset = 0;
      const output = await next(args);
      logs.config.systemClockOffset = -3_600_000;
      return output;
    },
    { step: "initialize" },
  );
  const query = { since: Date.now() - 60_000 };
  expect(await threeLooks(query, 3_600_000, () => write("g", "a", ["now"], [0]))).toEqual(["now"]);
});

test("a writer whose clock runs ahead makes the others' events not late", async () => {
  await createGroup("g");
  await write("g", "a", ["future"], [-3_600_000]);
  const seen: string[] = [];
  for await (const { message } of follow(["g"], 60_000)) {
    seen.push(message);
    if (message === "future") await write("g", "a", ["now"], [0]);
    if (message === "now") break;
  }
  expect(seen).toEqual(["future", "now"]);
});

test("events of several groups are read in the order of their times, and pages without a match do not end it", async () => {
  await createGroup("g");
  await createGroup("h");
  await aws.timing({ pageSize: 2 });
  const ages = Array.from({ length: 60 }, (_, n) => (60 - n) * 1_000);
  await write(
    "g",
    "a",
    ages.map((_, n) => (n === 59 ? "wanted g" : `noise ${n}`)),
    ages,
  );
  await write("h", "a", ["wanted h1", "wanted h2"], [30_000, 0]);
  const query = { since: Date.now() - 600_000, pattern: "wanted", clock: clock() };
  const messages: string[] = [];
  for await (const { message, group } of readLogs(logs, ["g", "h"], query)) messages.push(`${group} ${message}`);
  expect(messages).toEqual(["h wanted h1", "g wanted g", "h wanted h2"]);
});

test("what waiting cures is waited out and told once; it goes on where it was", async () => {
  await createGroup("g");
  await write("g", "a", ["first"], [0]);
  const seen: string[] = [];
  const troubles: string[] = [];
  for await (const { message } of follow(["g"], 60_000, ({ name }) => void troubles.push(name))) {
    seen.push(message);
    if (message === "second") break;
    await write("g", "a", ["second"], [0]);
    await aws.faults(
      { operation: "FilterLogEvents", nth: 1, times: 2, effect: "before", kind: "throttle" },
      { operation: "FilterLogEvents", nth: 3, effect: "before", kind: "error", status: 503, code: "Away", message: "" },
    );
  }
  expect(seen).toEqual(["first", "second"]);
  expect(troubles).toEqual(["ThrottlingException"]);
});

test.each(["ENETUNREACH", "EHOSTUNREACH", "ENOTFOUND", "EAI_AGAIN", "ECONNRESET"])(
  "it outlives %s, as when a laptop sleeps or changes its network",
  async (code) => {
    await createGroup("g");
    await write("g", "a", ["first"], [0]);
    const seen: string[] = [];
    for await (const { message } of follow(["g"], 60_000)) {
      seen.push(message);
      if (message === "second") break;
      await write("g", "a", ["second"], [0]);
      const error = Object.assign(new Error(`connect ${code}`), { code });
      vi.spyOn(logs.config.requestHandler, "handle").mockRejectedValueOnce(error);
    }
    expect(seen).toEqual(["first", "second"]);
  },
);

test("what was read from one group while another failed is not lost", async () => {
  await createGroup("g");
  await createGroup("h");
  await aws.timing({ pageSize: 1 });
  await write("g", "a", ["g1", "g2"], [3_000, 2_000]);
  await write("h", "a", ["h1"], [1_000]);
  // The first pages of both, then the second of g.
  await aws.faults({ operation: "FilterLogEvents", nth: 3, effect: "before", kind: "throttle" });
  const seen: string[] = [];
  for await (const { message } of follow(["g", "h"], 60_000)) {
    seen.push(message);
    if (message === "h1") await write("h", "a", ["end"], [0]);
    if (message === "end") break;
  }
  expect(seen).toEqual(["g1", "g2", "h1", "end"]);
});

test("an outage longer than ten minutes ends it, and so does a group that is deleted", async () => {
  await createGroup("g");
  let now = Date.now();
  const slow = {
    now: () => now,
    elapsed: () => now,
    async sleep(ms: number) {
      now += ms;
    },
  };
  const signal = new AbortController().signal;
  const followSlowly = async (onTrouble: () => void) => {
    const query = { since: now - 60_000, clock: slow };
    for await (const _event of followLogs(logs, ["g"], query, { signal, trouble: onTrouble }));
  };
  const start = now;
  await aws.faults({ operation: "FilterLogEvents", nth: 1, times: 1_000, effect: "before", kind: "throttle" });
  await expect(followSlowly(() => undefined)).rejects.toMatchObject({ name: "ThrottlingException" });
  expect(now - start).toBeGreaterThan(600_000);

  await aws.faults({ operation: "FilterLogEvents", nth: 1, effect: "before", kind: "throttle" });
  const deleted = followSlowly(() => void logs.send(new DeleteLogGroupCommand({ logGroupName: "g" })));
  await expect(deleted).rejects.toMatchObject({ name: "ResourceNotFoundException" });
});
