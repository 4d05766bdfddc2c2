// Ctrl-C while AWS does not answer.
import { expect, test } from "vitest";
import { llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";
import { startProxy } from "../support/proxy.ts";
import { running } from "../support/running.ts";

freshAwsForEachTest();

const NOTICE = "finishing the calls under way; Ctrl-C again ends at once\n";
const RECORDED = "hint: What was done is recorded: the next run goes on from there.\n";

/** Runs a command line, and sends a signal when the answer to a call of `operation` is due, which `answer` lets go. */
async function interrupted(args: readonly string[], operation: string, signal: NodeJS.Signals) {
  let isDue = (): void => undefined;
  let answer = (): void => undefined;
  const due = new Promise<void>((resolve) => {
    isDue = resolve;
  });
  const url = await startProxy(aws.url, (seen, reply) => {
    if (seen !== operation) return reply();
    answer = reply;
    isDue();
  });
  const { child, until, ended } = running(folder, { ...aws.env, AWS_ENDPOINT_URL: url }, args);
  await due;
  child.kill(signal);
  await until(/finishing/);
  return { child, ended, answer: () => answer() };
}

test("the first Ctrl-C says, once, what it waits for; the second ends at once", async () => {
  const { child, ended } = await interrupted(["status"], "GetCallerIdentity", "SIGINT");
  child.kill("SIGINT");
  expect(await ended).toEqual({ code: 130, stdout: "", stderr: NOTICE });
});

test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
  "after %s, what reads says that it was interrupted, and no more",
  async (signal) => {
    const { answer, ended } = await interrupted(["status"], "GetCallerIdentity", signal);
    answer();
    expect(await ended).toEqual({ code: 130, stdout: "", stderr: `${NOTICE}error: interrupted\n` });
  },
);

test.each([
  { args: ["deploy"], operation: "CreateRole" },
  { args: ["destroy", "--yes"], operation: "DetachRolePolicy" },
])("$args says that what was done is recorded", async ({ args, operation }) => {
  if (args[0] === "destroy") await llmGwJson(folder, aws.env, ["deploy"]);
  const { answer, ended } = await interrupted(args, operation, "SIGINT");
  answer();
  const { code, stderr } = await ended;
  expect({ code, end: stderr.split("error: ")[1] }).toEqual({ code: 130, end: `interrupted\n${RECORDED}` });
});
