// Results that go nowhere: to a full disk, or to a reader that has gone.

import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { expect, test } from "vitest";
import { finished, temporaryFolder } from "../support/cli.ts";

const PROGRAM = new URL("../../bin/llm-gw.js", import.meta.url).pathname;

/** Runs the command line in a shell, with its standard output going to `where`. */
async function shell(args: string, where: string) {
  const line = `"${process.execPath}" "${PROGRAM}" ${args} ${where}`;
  return finished(spawn("bash", ["-o", "pipefail", "-c", line], { cwd: await temporaryFolder() }));
}

const isFullThere = existsSync("/dev/full");
if (!isFullThere) process.stderr.write("/dev/full is missing: results on a full disk are not tried\n");

test.runIf(isFullThere).each(["completion bash", "completion bash --json", "--help", "init --json"])(
  "%s on a full disk is one error",
  async (args) => {
    expect(await shell(args, ">/dev/full")).toEqual({
      code: 1,
      stdout: "",
      stderr: expect.stringMatching(
        /^error: the results cannot be written: the disk is full\nhint: Free some space there, .*\n$/m,
      ),
    });
  },
);

test.runIf(isFullThere)("an error without a result does not speak of the output", async () => {
  const { code, stderr } = await shell("status --name x_y", ">/dev/full");
  expect(code).toBe(2);
  expect(stderr).not.toContain("cannot be written");
});

test("a reader that stops early is no error", async () => {
  expect(await shell("completion bash", "| true")).toEqual({ code: 0, stdout: "", stderr: "" });
});
