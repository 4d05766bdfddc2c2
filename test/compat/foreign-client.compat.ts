// A client we did not write: foreign_client.py drives the local AWS with boto3.
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, inject, onTestFinished, test } from "vitest";
import { startAws } from "../support/local-aws.ts";
import { recorded } from "./recording.ts";

const SCRIPT = fileURLToPath(new URL("foreign_client.py", import.meta.url));

test("boto3 takes the local AWS for AWS", async () => {
  const aws = await recorded(await startAws(), inject("recordings"), "boto3");
  onTestFinished(() => aws.close());
  const { url, accessKeyId, secretAccessKey, account } = aws;
  const args = [SCRIPT, url, accessKeyId, secretAccessKey, account];
  const { stdout } = await promisify(execFile)(inject("python"), args, { timeout: 100_000 });
  expect(stdout).toBe("done\n");
}, 120_000);
