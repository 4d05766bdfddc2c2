// From which Regions AWS's own inference profiles can be called, as far as their names tell.
import { expect, test } from "vitest";
import { checkGeographies } from "../src/config/geography.ts";

const check = (model: string, region: string) => () =>
  checkGeographies({ default: [{ backend: "echo" }, { backend: "bedrock", model }] }, region);

test.each([
  ["eu.amazon.nova-micro-v1:0", "us-east-1", "us.amazon.nova-micro-v1:0"],
  ["us.amazon.nova-micro-v1:0", "us-gov-west-1", "us-gov.amazon.nova-micro-v1:0"],
  ["us-gov.amazon.nova-micro-v1:0", "us-west-2", "us.amazon.nova-micro-v1:0"],
  ["jp.amazon.nova-2-lite-v1:0", "eu-central-1", "eu.amazon.nova-2-lite-v1:0"],
  ["ca.amazon.nova-lite-v1:0", "ap-southeast-2", "apac.amazon.nova-lite-v1:0"],
])("%s is refused in %s", (model, region, meant) => {
  const hint = expect.stringContaining(`Did you mean ${meant}?`);
  const message = `models.default: ${model} cannot be called from ${region}`;
  expect(check(model, region)).toThrow(expect.objectContaining({ message, hint, exitCode: 2 }));
  const arn = `arn:aws:bedrock:${region}:123456789012:inference-profile/${model}`;
  expect(check(arn, region)).toThrow(expect.objectContaining({ message, hint }));
});

test.each([
  ["eu.amazon.nova-micro-v1:0", "eu-west-2"],
  ["us.amazon.nova-micro-v1:0", "us-west-1"],
  ["au.amazon.nova-micro-v1:0", "ap-southeast-2"],
  ["us-gov.amazon.nova-micro-v1:0", "us-gov-east-1"],
  ["global.amazon.nova-2-lite-v1:0", "eu-west-1"],
  ["amazon.nova-micro-v1:0", "eu-west-2"],
  ["arn:aws:bedrock:eu-west-1:123456789012:application-inference-profile/us.x", "eu-west-1"],
  // Sources of their neighbours' profiles, and what is not known here.
  ["us.amazon.nova-micro-v1:0", "ca-central-1"],
  ["eu.amazon.nova-micro-v1:0", "il-central-1"],
  ["moon.amazon.nova-micro-v1:0", "us-east-1"],
])("%s is not refused in %s", (model, region) => {
  expect(check(model, region)).not.toThrow();
});
