// What a flag takes for its value.
import { expect, test } from "vitest";
import { llmGw, temporaryFolder } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";

oneAwsForAllTests();

test("a flag without its value does not swallow the next one", async () => {
  const run = await llmGw(folder, aws.env, ["deploy", "--profile", "--dry-run"]);
  expect(run).toEqual({
    code: 2,
    stdout: "",
    stderr:
      "error: --profile needs a value, and --dry-run is a flag\nhint: If it is the value, write --profile=--dry-run\n",
  });
  expect(await aws.calls()).toEqual([]);
});

test.each([
  ["invoke", "--prompt", "--json"],
  ["invoke", "--raw", "--file", "-h"],
  ["deploy", "--env", "--env", "A=b"],
  ["local", "--port", "--no-rates"],
])("%s %s %s %s: is refused", async (...args) => {
  const given = args.filter((arg) => arg !== undefined);
  const run = await llmGw(await temporaryFolder(), {}, given);
  expect(run.code).toBe(2);
  expect(run.stderr).toMatch(/^error: --[a-z]+ needs a value, and -[-a-z]+ is a flag$/m);
});

test.each([
  ["as one word", ["--prompt=--json"], "--json"],
  ["with dashes of no flag", ["--prompt", "--no-such-flag"], "--no-such-flag"],
  ["that names the command", ["--prompt", "invoke", "--model", "default"], "invoke"],
])("a value %s is a value", async (_title, args, prompt) => {
  await llmGw(folder, aws.env, ["deploy", "--name", "flags"]);
  const run = await llmGw(folder, aws.env, ["invoke", "--name", "flags", ...args]);
  expect(run).toMatchObject({ code: 0, stdout: expect.stringContaining(prompt) });
});
