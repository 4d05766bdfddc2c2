import { expect, test } from "vitest";
import { startTimeline } from "../src/timeline.ts";

function clockAt() {
  let now = 5_000;
  return {
    elapsed: () => now,
    pass(ms: number) {
      now += ms;
    },
  };
}

/** A role, a function that waits for it and once more, and a look at the end. */
function deployed() {
  const clock = clockAt();
  const timeline = startTimeline(clock);
  timeline.started("role", "iam.role gw");
  clock.pass(1_000);
  timeline.finished("role");
  timeline.started("function", "lambda.function gw");
  timeline.started("route", "apigatewayv2.route POST /inference");
  timeline.finished("route", false);
  clock.pass(1_000);
  const over = timeline.waiting("function", "the role");
  clock.pass(4_000);
  over();
  clock.pass(1_000);
  timeline.waiting("function", "the function");
  clock.pass(1_000);
  timeline.finished("function");
  clock.pass(2_000);
  timeline.sinceLast("check", "(look again)");
  return timeline;
}

test("each part has its begin, its end and its waits", () => {
  expect(deployed().spans()).toEqual([
    { id: "role", startMs: 0, endMs: 1_000, waits: [] },
    {
      ...{ id: "function", startMs: 1_000, endMs: 8_000 },
      waits: [
        { what: "the role", startMs: 2_000, endMs: 6_000 },
        { what: "the function", startMs: 7_000, endMs: 8_000 },
      ],
    },
    { id: "route", startMs: 1_000, endMs: 1_000, waits: [] },
    { id: "check", startMs: 8_000, endMs: 10_000, waits: [] },
  ]);
});

test("people see bars, without what had nothing to do", () => {
  expect(deployed().lines(57)).toEqual([
    "timeline of 10.0 s: # works, ~ waits",
    "iam.role gw        1.0 s |###                           |",
    "lambda.function gw 7.0 s |   ###~~~~~~~~~~~~###~~~      |",
    "  waited 4.0 s for the role",
    "  waited 1.0 s for the function",
    "(look again)       2.0 s |                        ######|",
  ]);
});

test.each([20, 29, 40, 80, 200])(
  "no row is wider than %i columns: where there is no room for bars, there are none",
  (columns) => {
    const rows = deployed()
      .lines(columns)
      .slice(1)
      .filter((line) => !line.startsWith("  waited"));
    expect(Math.max(...rows.map(({ length }) => length))).toBeLessThanOrEqual(columns);
    expect(new Set(rows.map((row) => row.endsWith("|")))).toEqual(new Set([columns > 29]));
  },
);

test("what has not ended when a run fails lasts until then, with its wait", () => {
  const clock = clockAt();
  const timeline = startTimeline(clock);
  expect(timeline.lines(40)).toEqual([]);
  timeline.started("role", "iam.role gw");
  clock.pass(1_000);
  timeline.waiting("role", "AWS");
  clock.pass(1_000);
  expect(timeline.lines(40)).toEqual([
    "timeline of 2.0 s: # works, ~ waits",
    "iam.role gw 2.0 s |##########~~~~~~~~~~|",
    "  waited 1.0 s for AWS",
  ]);
});

test("a part that goes on once more keeps its begin", () => {
  const clock = clockAt();
  const timeline = startTimeline(clock);
  timeline.started("api", "api");
  clock.pass(10);
  timeline.finished("api");
  clock.pass(10);
  timeline.started("api", "api");
  clock.pass(10);
  expect(timeline.finished("api")).toBe(30);
});

test("a part that has ended does not end again", () => {
  const clock = clockAt();
  const timeline = startTimeline(clock);
  timeline.started("api", "api");
  clock.pass(10);
  timeline.finished("api");
  clock.pass(10);
  expect(timeline.finished("api", false)).toBe(10);
  timeline.sinceLast("check", "(look again)");
  expect(timeline.spans()).toMatchObject([
    { id: "api", startMs: 0, endMs: 10 },
    { id: "check", startMs: 10, endMs: 20 },
  ]);
});
