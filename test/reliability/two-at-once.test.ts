// Several processes for one gateway at the same time, in one folder and in several: there is one set of resources in the end.
import { mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { hostname } from "node:os";
import { join } from "node:path";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { describeAccount } from "../matrix/account.ts";
import { finished, type Run, start, temporaryFolder } from "../support/cli.ts";
import { type LocalTestAws, startLocal } from "../support/served-aws.ts";
import { deployedAccount } from "./support.ts";

let aws: LocalTestAws;
let whole: unknown;
beforeAll(async () => {
  whole = await deployedAccount();
});
beforeEach(async () => {
  aws = await startLocal();
});
afterEach(() => aws.close());

const account = () => describeAccount(aws.save());
/** Starts a process of its own. */
const started = (folder: string, ...args: string[]) =>
  start(folder, { LLM_GW_LOCAL_PORT: new URL(aws.url).port }, [...args, "--local"]);
const llmGw = (folder: string, ...args: string[]): Promise<Run> => finished(started(folder, ...args));
const folders = (count: number) => Promise.all(Array.from({ length: count }, () => temporaryFolder()));
const failures = (runs: readonly Run[]) => runs.filter(({ code }) => code !== 0).map(({ stderr }) => stderr);

describe.each([2, 8])("%i processes deploy one gateway", (count) => {
  test("from one folder: one after the other", async () => {
    const folder = await temporaryFolder();
    const runs = await Promise.all(Array.from({ length: count }, () => llmGw(folder, "deploy")));
    expect(failures(runs)).toEqual([]);
    expect(account()).toEqual(whole);
    expect(runs.filter(({ stderr }) => stderr.includes(": 13 created"))).toHaveLength(1);
    expect((await readdir(join(folder, ".llm-gw"))).toSorted()).toEqual([".gitignore", "llm-gw-prod-local.json"]);
  });

  test("from folders of their own", async () => {
    const machines = await folders(count);
    const runs = await Promise.all(machines.map((folder) => llmGw(folder, "deploy", "--json")));
    expect(failures(runs)).toEqual([]);
    expect(account()).toEqual(whole);
    const endpoints = new Set(runs.map(({ stdout }) => JSON.parse(stdout).endpoint));
    expect(endpoints.size).toBe(1);
    const again = machines.slice(-2).map((folder) => llmGw(folder, "deploy", "--json"));
    for (const { stdout } of await Promise.all(again)) {
      expect(JSON.parse(stdout)).toMatchObject({ summary: { unchanged: 13 }, calls: { mutating: 0 } });
    }
  });
});

test("who finds the folder locked says who holds it, and goes on when that one ends", async () => {
  const folder = await temporaryFolder();
  const state = join(folder, ".llm-gw");
  await mkdir(state);
  const lock = join(state, "llm-gw-prod-local.json.lock");
  const since = new Date().toISOString();
  await writeFile(lock, JSON.stringify({ pid: process.pid, host: hostname(), since, token: "ours" }));
  const child = started(folder, "deploy");
  const said = `waiting for process ${process.pid} on ${hostname()}, since ${since}, which works on this gateway`;
  child.stderr?.on("data", (text: Buffer) => {
    if (text.toString("utf8").includes(said)) void rm(lock);
  });
  expect(await finished(child)).toMatchObject({ code: 0 });
  expect(account()).toEqual(whole);
});

test("8 processes destroy what 8 processes deploy", async () => {
  const folder = await temporaryFolder();
  const commands = Array.from({ length: 8 }, (_one, n) => (n % 2 === 0 ? ["deploy"] : ["destroy", "--yes"]));
  expect(failures(await Promise.all(commands.map((args) => llmGw(folder, ...args))))).toEqual([]);
  expect(await llmGw(folder, "destroy", "--yes")).toMatchObject({ code: 0 });
  expect(account()).toEqual([]);
  expect(await readdir(folder)).toEqual([]);
});
