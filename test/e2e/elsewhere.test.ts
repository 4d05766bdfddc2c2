// What a first deploy from a folder says of the same gateway elsewhere.
import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { llmGw, llmGwJson, temporaryFolder } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const said = async (cwd: string, ...args: string[]) => {
  const { code, stderr } = await llmGw(cwd, aws.env, ["deploy", ...args]);
  expect(code).toBe(0);
  return stderr.split("\n").filter((line) => line.startsWith("warning: "));
};

test("in another region: a warning with the command that removes it, until it stands here too", async () => {
  expect(await said(folder)).toEqual([]);
  const warning = `warning: this folder also remembers llm-gw-prod in eu-west-1, account ${aws.account}; to remove it: llm-gw destroy --region eu-west-1`;
  expect(await said(folder, "--region", "eu-central-1", "--dry-run")).toEqual([warning]);
  expect(await said(folder, "--region", "eu-central-1")).toEqual([warning]);
  expect(await said(folder, "--region", "eu-central-1", "--memory", "1024")).toEqual([]);

  const removal = warning.slice(warning.indexOf("destroy")).split(" ");
  await llmGwJson(folder, aws.env, [...removal, "--yes"]);
  expect(await said(folder, "--region", "eu-north-1")).toEqual([warning.replaceAll("eu-west-1", "eu-central-1")]);
});

test("another name or stage is another gateway, and what cannot be read tells nothing", async () => {
  await said(folder, "--stage", "ci");
  await said(folder, "--name", "llm-gw-prod");
  const states = join(folder, ".llm-gw");
  await copyFile(join(states, "llm-gw-ci-eu-west-1.json"), join(states, "llm-gw-prod-eu-west-2.json"));
  await writeFile(join(states, "llm-gw-prod-eu-west-3.json"), "{");
  await mkdir(join(states, "llm-gw-prod-sa-east-1.json"));
  expect(await said(folder, "--region", "eu-central-1")).toEqual([]);
});

test("deployed from elsewhere, and about to be changed: a warning after the plan, before any change", async () => {
  await llmGwJson(await temporaryFolder(), aws.env, ["deploy"]);
  const line =
    "warning: llm-gw-prod exists already, and this folder has no record of it; the plan changes it; another --name makes a gateway of its own";
  expect(await said(folder, "--memory", "1024", "--dry-run")).toEqual([line]);
  const { stderr } = await llmGw(await temporaryFolder(), aws.env, ["deploy", "--memory", "768"]);
  expect(stderr).toContain(`    memory: 512 -> 768\n  = 12 unchanged\n${line}\ndeploying llm-gw-prod\n`);
  expect(await said(folder, "--memory", "1024")).toEqual([line]);
  expect(await said(folder, "--memory", "2048")).toEqual([]);
  // Nothing is changed, and that is what is said.
  expect(await said(await temporaryFolder(), "--memory", "2048")).toEqual([]);
});
