import { randomUUID } from "node:crypto";
// The state folder holds what is true, and nothing that a run left behind.
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { llmGwJson } from "../support/cli.ts";
import { aws, folder, freshAwsForEachTest } from "../support/fixture.ts";

freshAwsForEachTest();

const STATE = "llm-gw-prod-eu-west-1.json";

test("a route that is no longer configured is forgotten", async () => {
  await llmGwJson(folder, aws.env, ["deploy", "--route", "POST /inference", "--route", "POST /ask"]);
  await llmGwJson(folder, aws.env, ["deploy", "--route", "POST /inference"]);
  const { resources } = JSON.parse(await readFile(join(folder, ".llm-gw", STATE), "utf8"));
  expect(Object.keys(resources).filter((id) => id.startsWith("route"))).toEqual(["route POST /inference"]);
});

test("what a killed process had half written does not outlive destroy", async () => {
  await llmGwJson(folder, aws.env, ["deploy"]);
  await writeFile(join(folder, ".llm-gw", `${STATE}.${randomUUID()}`), '{"version":');
  await llmGwJson(folder, aws.env, ["destroy", "--yes"]);
  expect(await readdir(folder)).not.toContain(".llm-gw");
});
