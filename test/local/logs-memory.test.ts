import { expect, it } from "vitest";
import { appendLogLine, insertLogEvent } from "../../src/local/services/logs-events.ts";
import { KEPT_BYTES, KEPT_EVENTS } from "../../src/local/services/logs-memory.ts";
import { createLogGroup } from "../../src/local/services/logs-model.ts";
import { newAccount } from "../../src/local/store/account.ts";
import { TIMINGS } from "../../src/local/timing.ts";

function logGroup(name: string) {
  const account = newAccount({ region: "us-east-1", url: "http://127.0.0.1:9", timing: TIMINGS.off, roles: new Map() });
  const group = createLogGroup(account, name, new Map());
  const append = (message: string) => appendLogLine(account, { logGroup: name, roleArn: "none" }, "stream", message);
  return { group, append };
}

it("keeps the newest events of a group, and no more than so many", () => {
  const { group, append } = logGroup("many");
  let most = 0;
  for (let i = 0; i < 3 * KEPT_EVENTS; i++) {
    append(`line ${i}`);
    most = Math.max(most, group.events.length);
  }
  expect(most).toBe(KEPT_EVENTS);
  const first = 3 * KEPT_EVENTS - group.events.length;
  expect(group.events.map(({ message }) => message)).toEqual(
    Array.from({ length: group.events.length }, (_, index) => `line ${first + index}`),
  );
});

it("keeps no more than so many bytes", () => {
  const { group, append } = logGroup("large");
  const line = "x".repeat(1_000_000);
  for (let i = 0; i < 40; i++) {
    append(`${i} ${line}`);
    expect(group.events.reduce((sum, { message }) => sum + message.length, 0)).toBeLessThanOrEqual(KEPT_BYTES);
    expect(group.events.at(-1)?.message.startsWith(`${i} `)).toBe(true);
  }
  expect(group.events.length).toBeGreaterThan(10);
});

it("puts a late batch in its place", () => {
  const { group } = logGroup("late");
  const now = Date.now();
  for (let i = 0; i < 10_000; i++) insertLogEvent(group, "young", { timestamp: now + i, message: "young" });
  for (let i = 0; i < 9_000; i++)
    insertLogEvent(group, "late", { timestamp: now - 3_600_000 + i, message: `late ${i}` });
  expect(group.events.slice(0, 9_000).every(({ message }, index) => message === `late ${index}`)).toBe(true);
  expect(group.events.map(({ eventId }) => eventId)).toEqual(group.events.map(({ eventId }) => eventId).sort());
});
