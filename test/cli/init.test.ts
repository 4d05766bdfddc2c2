import { mkdir, readdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { describe, expect, test } from "vitest";
import { llmGw, llmGwJson } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";
import { isInstalled } from "../support/is-installed.ts";

oneAwsForAllTests();

describe("what init writes is deployed and answers", () => {
  const python: [string, string[], string[], string] = [
    "--template python",
    ["--template", "python"],
    ["app/", "llm-gw.json"],
    "You said: Hello\n",
  ];
  test.each([
    ["a configuration alone", [], ["llm-gw.json"], "[echo of the local AWS] Hello\n"],
    ...(isInstalled("python3") ? [python] : []),
  ])("%s", async (_, flags, files, answer) => {
    const run = await llmGw(folder, aws.env, ["init", ...flags]);
    expect(run).toEqual({
      code: 0,
      stdout: "llm-gw deploy --local\n",
      stderr: files.map((file) => `+ ${file}\n`).join(""),
    });
    await llmGwJson(folder, aws.env, ["deploy"]);
    expect((await llmGw(folder, aws.env, ["invoke", "--prompt", "Hello"])).stdout).toBe(answer);
    await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  });
});

test("a configuration alone changes nothing about what is deployed without one", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  await llmGwJson(folder, aws.env, ["init"]);
  expect(await llmGwJson(folder, aws.env, ["status"])).toMatchObject({ upToDate: true });
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
});

test("$schema leads to the schema", async () => {
  await llmGwJson(folder, {}, ["init", "--template", "python"]);
  const [, schema = ""] = /"\$schema": "(.*)"/.exec(await readFile(join(folder, "llm-gw.json"), "utf8")) ?? [];
  expect(JSON.parse(await readFile(resolve(folder, schema), "utf8"))).toMatchObject({ title: "llm-gw.json" });
});

describe("what is there already stays, and nothing is written beside it", () => {
  test.each([
    ["a file", "llm-gw.json", (path: string) => writeFile(path, "mine")],
    ["a link that leads nowhere", "llm-gw.json", (path: string) => symlink("nowhere", path)],
    ["a folder", "app", (path: string) => mkdir(path)],
  ])("%s", async (_, name, make) => {
    await make(join(folder, name));
    const run = await llmGw(folder, {}, ["init", "--template", "python"]);
    expect(run).toMatchObject({ code: 1, stdout: "" });
    expect(run.stderr).toMatch(new RegExp(`^error: ${name} exists already; nothing was written\nhint: `));
    expect(await readdir(folder)).toEqual([name]);
  });
});
