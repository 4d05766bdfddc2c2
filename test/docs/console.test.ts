// The test of the pages is only worth something when it sees what is wrong.
import { expect, test } from "vitest";
import { parseConsole, shows } from "./console.ts";

test("a block is commands with what they print", () => {
  expect(parseConsole("$ one \\\n  --flag\nfirst\n\nlast\n\n$ two\n$ three\nready\n^C")).toEqual([
    { command: "one \\\n  --flag", output: "first\n\nlast", isInterrupted: false },
    { command: "two", output: "", isInterrupted: false },
    { command: "three", output: "ready", isInterrupted: true },
  ]);
  expect(() => parseConsole("no prompt\n$ one")).toThrow('begins with "$ "');
});

test.each([
  ["the same", "done\n", "done", true],
  ["another word", "done", "undone", false],
  ["less than is printed", "done", "done\nand more", false],
  ["... for some of it", "one ... four", "one two\nthree four", true],
  ["... not for all of it", "one ... four", "one two\nthree five", false],
  ["signs that mean something in patterns", "a+b (c)?", "a+b (c)?", true],
  [
    "another port, id and time",
    "http://127.0.0.1:1/execute-api/a/x 0.1 s",
    "http://127.0.0.1:2/execute-api/b/x 9.0 s",
    true,
  ],
  ["AWS's address", "https://a.execute-api.eu-west-1.amazonaws.com/x", "http://127.0.0.1:2/execute-api/b/x", true],
  ["another moment", "2026-11-25T23:11:01Z done", "2027-01-01T00:00:00.123Z done", true],
  ["the port of this reader", "llm-gw invoke", "LLM_GW_LOCAL_PORT=4600 llm-gw invoke", true],
  ["another path", "http://127.0.0.1:1/execute-api/a/x", "http://127.0.0.1:1/execute-api/a/y", false],
  ["another order of what goes on at once", "+ a\n+ b\nend", "+ b\n+ a\nend", true],
  ["another order of steps", "one\n+ a\ntwo", "two\n+ a\none", false],
])("%s", (_title, expected, actual, same) => {
  expect(shows(expected, actual)).toBe(same);
});
