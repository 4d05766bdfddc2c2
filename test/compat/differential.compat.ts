// The same requests, right and wrong ones, to the local AWS and to other people's: who differs from AWS, and how.
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { startAws } from "../support/local-aws.ts";
import { DIFFERENCES } from "./differential/differences.ts";
import type { Row, Verdict } from "./differential/row.ts";
import { API_ROWS } from "./differential/rows-api.ts";
import { IAM_ROWS } from "./differential/rows-iam.ts";
import { LAMBDA_ROWS } from "./differential/rows-lambda.ts";
import { makeWorld, type Target, verdict } from "./differential/world.ts";
import { startEmulatedAws } from "./emulated-aws.ts";
import { recorded } from "./recording.ts";

const ROWS: readonly Row[] = [...IAM_ROWS, ...LAMBDA_ROWS, ...API_ROWS];
const TARGETS = ["local", "ministack", "moto"] as const;
type Name = (typeof TARGETS)[number];
const answers = new Map<string, Partial<Record<Name, Verdict>>>(ROWS.map(({ name }) => [name, {}]));

const START: Readonly<Record<Name, () => Promise<Target & { close(): Promise<void> }>>> = {
  local: async () => recorded(await startAws(), inject("recordings"), "differential"),
  ministack: () => startEmulatedAws("ministack"),
  moto: () => startEmulatedAws("moto"),
};

describe.each(TARGETS)("%s", (name) => {
  let aws: Target & { close(): Promise<void> };

  beforeAll(async () => {
    aws = await START[name]();
    const world = await makeWorld(aws);
    for (const row of ROWS) {
      const answer = await verdict(aws, row.ask(world));
      answers.set(row.name, { ...answers.get(row.name), [name]: answer });
    }
  }, 120_000);
  afterAll(() => aws.close());

  test.each(ROWS)("$name", (row) => {
    expect(answers.get(row.name)?.[name]).toBe(DIFFERENCES[row.name]?.[name] ?? row.aws);
    // An entry that says what AWS says explains nothing.
    expect(DIFFERENCES[row.name]?.[name]).not.toBe(row.aws);
  });
});

test("every difference is of a row that exists", () => {
  const names = new Set(ROWS.map(({ name }) => name));
  expect(Object.keys(DIFFERENCES).filter((name) => !names.has(name))).toEqual([]);
  expect(names.size).toBe(ROWS.length);
});

test("the local AWS accepts nothing that AWS refuses", () => {
  const refused = ROWS.filter(({ aws }) => aws !== "accepted");
  const accepted = (name: Name) => refused.filter((row) => answers.get(row.name)?.[name] === "accepted");
  const counts = TARGETS.map((name) => {
    const differs = ROWS.filter((row) => answers.get(row.name)?.[name] !== row.aws).length;
    return `${name}: differs from AWS in ${differs} of ${ROWS.length}, accepts ${accepted(name).length} of ${refused.length} that AWS refuses`;
  });
  process.stdout.write(`${table()}\n${counts.join("\n")}\n`);
  expect(accepted("local").map(({ name }) => name)).toEqual([]);
});

/** The rows in which anybody differs; `=` where an answer is AWS's. */
function table(): string {
  const lines = ROWS.flatMap((row) => {
    const given = TARGETS.map((name) => answers.get(row.name)?.[name] ?? "");
    if (given.every((answer) => answer === row.aws)) return [];
    return [
      [row.name, `${row.aws} [aws ${row.section}]`, ...given.map((answer) => (answer === row.aws ? "=" : answer))],
    ];
  });
  const all = [["request", "AWS", ...TARGETS], ...lines];
  const widths = all[0]?.map((_, column) => Math.max(...all.map((line) => line[column]?.length ?? 0))) ?? [];
  return all
    .map((line) =>
      line
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}
