// Routes that everybody may call at the owner's expense: said once, when they come to be.
import { expect, test } from "vitest";
import { llmGw } from "../support/cli.ts";
import { aws, folder, oneAwsForAllTests } from "../support/fixture.ts";

oneAwsForAllTests();

const WARNING =
  "warning: auth is none: everybody who knows the URL may call, at your expense; all that limits it is the throttle, 10 requests a second\n";

test("routes that are or become open get one warning, before anything changes", async () => {
  const warnings = async (...args: string[]) => {
    const run = await llmGw(folder, aws.env, ["deploy", ...args]);
    expect(run.code).toBe(0);
    return run.stderr.split(WARNING).length - 1;
  };
  const open = ["--auth", "none"];
  expect(await warnings(...open, "--dry-run")).toBe(1);
  expect(await warnings()).toBe(0);
  expect(await warnings(...open, "--dry-run", "--json")).toBe(1);
  expect(await warnings(...open)).toBe(1);
  // A pipeline hears it once.
  expect(await warnings(...open)).toBe(0);
  expect(await warnings(...open, "--memory", "1024")).toBe(0);
  expect(await warnings(...open, "--route", "POST /inference", "--route", "POST /more")).toBe(1);
  expect(await warnings()).toBe(0);
});
