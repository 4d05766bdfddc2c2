import { expect, test } from "vitest";
import { Essentials } from "../../src/commands/log-essentials.ts";

const INIT = "INIT_START Runtime Version: nodejs:24.v1\tRuntime Version ARN: arn:x\n";
const start = (id: string) => `START RequestId: ${id} Version: $LATEST\n`;
const end = (id: string) => `END RequestId: ${id}\n`;
const report = (id: string, more = "") => `REPORT RequestId: ${id}\tDuration: 1.00 ms\tMemory Size: 512 MB${more}\n`;
const record = (id: string) => `{"faas.invocation_id":"${id}","http.response.status_code":200}\n`;
const FIRST = "\tInit Duration: 90.00 ms\t";
const LATE = "\tStatus: timeout";

/** Of `stream message` what is shown, in order. */
function shown(lines: readonly (readonly [stream: string, message: string])[]): string[] {
  const essentials = new Essentials<{ stream: string; message: string }>();
  const now = lines.flatMap(([stream, message]) => essentials.shown({ stream, message }));
  return [...now, ...essentials.rest()].map(({ message }) => message);
}

test.each<[string, readonly string[], readonly string[]]>([
  [
    "of the built-in function: the record, and REPORT where it tells of a start",
    [INIT, start("a"), record("a"), end("a"), report("a", FIRST), start("b"), record("b"), end("b"), report("b")],
    [record("a"), report("a", FIRST), record("b")],
  ],
  ["a request without a record, which ran out of time", [start("a"), end("a"), report("a", LATE)], [report("a", LATE)]],
  [
    "a REPORT of another request than the record's",
    [record("a"), start("b"), end("b"), report("b"), start("c"), end("c"), report("c")],
    [record("a"), report("b"), report("c")],
  ],
  [
    "START before what a function prints, REPORT behind it",
    [start("a"), "one\n", "two\n", end("a"), report("a")],
    [start("a"), "one\n", "two\n", report("a")],
  ],
  [
    "JSON that is no record of a whole request",
    [start("a"), '{"faas.invocation_id":"a"}', end("a"), report("a")],
    [start("a"), '{"faas.invocation_id":"a"}', report("a")],
  ],
  [
    "JSON of any other kind",
    [start("a"), '{"level":"info"}', report("a")],
    [start("a"), '{"level":"info"}', report("a")],
  ],
  ["a request that still runs", [start("a")], [start("a")]],
  ["what a start says that fails", [INIT, "oh\n", "INIT_REPORT Status: error"], ["oh\n", "INIT_REPORT Status: error"]],
])("%s", (_, messages, expected) => {
  expect(shown(messages.map((message) => ["s", message]))).toEqual(expected);
});

test("processes do not mix", () => {
  const lines = [
    ["s", start("a")],
    ["t", start("b")],
    ["t", "of b"],
    ["s", record("a")],
    ["t", report("b")],
    ["s", report("a")],
  ] as const;
  expect(shown(lines)).toEqual([start("b"), "of b", record("a"), report("b")]);
});
