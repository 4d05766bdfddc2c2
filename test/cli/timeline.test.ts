// `deploy --timeline` on an AWS that takes its time.
import { expect, test } from "vitest";
import type { Span } from "../../src/timeline.ts";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

test("each step of a first deploy ends when it is done, and the last look begins after them", async () => {
  await aws.timing({ rolePropagationMs: 500, readLagMs: 500 });
  const { timeline } = await llmGwJson(folder, aws.env, ["deploy", "--timeline"]);
  const span = (name: string) => timeline.find(({ id }: Span) => id === name);
  const [role, fn, permission, check] = ["role", "function", "permission", "check"].map(span);
  expect(role.endMs).toBeLessThanOrEqual(fn.startMs);
  expect(fn.endMs).toBeLessThanOrEqual(permission.startMs);
  const steps: readonly Span[] = timeline.slice(0, timeline.indexOf(check));
  expect(Math.max(...steps.map(({ endMs }) => endMs))).toBe(check.startMs);
  // What was made is shown by AWS only after a while.
  expect(check.endMs).toBeGreaterThan(check.startMs);
});

test("a dry run shows where its time went, too", async () => {
  const { timeline } = await llmGwJson(folder, aws.env, ["deploy", "--dry-run", "--timeline"]);
  expect(timeline.map(({ id }: Span) => id)).toEqual(["package", "read"]);
});

test("a failed run shows where its time went before it says why it failed", async () => {
  await aws.refuse("CreateFunction", 400, "CodeStorageExceededException", "Code storage limit exceeded.");
  const { code, stderr } = await llmGw(folder, aws.env, ["deploy", "--timeline"]);
  expect(code).toBe(1);
  expect(stderr).toMatch(/^lambda\.function llm-gw-prod +[\d.]+ m?s \|.*\|$[\s\S]*^error: /m);
});
