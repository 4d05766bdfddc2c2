// Runs before each file of end-to-end tests against an emulator: its gaps have to fail, and as they are described.
import { basename } from "node:path";
import { afterAll, beforeEach, expect, type RunnerTask, type RunnerTestCase } from "vitest";
import type { Gap } from "./gaps.ts";
import { MINISTACK_GAPS } from "./gaps-ministack.ts";
import { MOTO_GAPS } from "./gaps-moto.ts";

const GAPS: Readonly<Record<string, readonly Gap[]>> = { ministack: MINISTACK_GAPS, moto: MOTO_GAPS };
const gaps = GAPS[process.env.LLM_GW_TEST_AWS ?? ""] ?? [];
let file = "";
const seen = new Set<Gap>();

beforeEach(({ task, onTestFailed }) => {
  file = fileOf(task);
  const gap = gaps.find(({ test }) => test === titleOf(task));
  if (gap === undefined) return;
  seen.add(gap);
  // Vitest then takes a failure for a success, and a success, which makes the entry untrue, for a failure.
  if (!gap.isRace) Reflect.set(task, "fails", true);
  onTestFailed(() => {
    const messages = task.result?.errors?.map(({ message }) => message) ?? [];
    Reflect.set(
      task,
      "fails",
      messages.some((message) => gap.fails.test(message)),
    );
  });
});

afterAll(() => {
  const stale = gaps.filter((gap) => gap.test.startsWith(`${file} > `) && !seen.has(gap));
  expect(stale.map(({ test }) => test)).toEqual([]);
});

function fileOf({ file: { filepath } }: RunnerTestCase): string {
  return basename(filepath, ".test.ts");
}

function titleOf(task: RunnerTestCase): string {
  const names: string[] = [];
  for (let at: RunnerTask | undefined = task; at !== undefined; at = at.suite) names.unshift(at.name);
  return [fileOf(task), ...names].join(" > ");
}
