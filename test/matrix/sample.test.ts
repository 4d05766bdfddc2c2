// A few scenarios of the matrix, others in each run: npm run test:matrix tries them all.
import { readFile } from "node:fs/promises";
import { beforeAll, expect, test } from "vitest";
import { actionOf } from "./denied.ts";
import { FAULT_NAMES } from "./faults.ts";
import { allStrikes, prepareAll, type Result, runAll } from "./matrix.ts";
import type { Prepared } from "./prepared.ts";
import { shuffled } from "./random.ts";

/** Strikes of each kind; with up to three recoveries from each, that makes about 60 scenarios. */
const STRIKES = 3;
/** To try the same again: LLM_GW_MATRIX_SEED=... npx vitest run test/matrix */
const seed = Number(process.env.LLM_GW_MATRIX_SEED ?? Math.floor(Math.random() * 1e6));

let prepared: readonly Prepared[];

beforeAll(async () => {
  prepared = await prepareAll();
});

test("the deployer's policy grants every call of every flow", async () => {
  const { Statement: statements } = JSON.parse(await readFile("docs/deployer-policy.json", "utf8"));
  const granted = new Set(statements.flatMap(({ Action }: { Action: string | string[] }) => Action));
  const calls = prepared.flatMap((flow) => flow.calls).filter(({ operation }) => operation !== "GetCallerIdentity");
  expect(calls.map(actionOf).filter((action) => !granted.has(action))).toEqual([]);
});

test("the policy's lines are where the errors say", async () => {
  const text = await readFile("docs/deployer-policy.json", "utf8");
  expect(text).toBe(`${JSON.stringify(JSON.parse(text), undefined, 2)}\n`);
});

test(`whatever fails at whichever call, the next run converges (seed ${seed})`, { timeout: 180_000 }, async () => {
  const strikes = shuffled(allStrikes(prepared), seed);
  const sample = FAULT_NAMES.flatMap((name) => strikes.filter(({ fault }) => fault === name).slice(0, STRIKES));
  const results: Result[] = [];
  await runAll(sample, { busy: 3, waiting: 16 }, (result) => results.push(result));
  expect(results.flatMap(({ problems }) => problems)).toEqual([]);
  const sum = (key: "scenarios" | "converged" | "leftovers") => results.reduce((all, result) => all + result[key], 0);
  expect({ converged: sum("converged"), leftovers: sum("leftovers") }).toEqual({
    converged: sum("scenarios"),
    leftovers: 0,
  });
});
