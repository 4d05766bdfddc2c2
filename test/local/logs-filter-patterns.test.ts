import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

let aws: TestAccount;
beforeAll(async () => {
  aws = await startAccount();
  await aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName }));
  await aws.logs.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName: "s" }));
  const timestamp = Date.now();
  const logEvents = Object.values(MESSAGES).map((message) => ({ timestamp, message }));
  await aws.logs.send(new logs.PutLogEventsCommand({ logGroupName, logStreamName: "s", logEvents }));
});
afterAll(async () => {
  await aws.close();
});

const logGroupName = "g";

const MESSAGES = {
  error: "ERROR out of memory",
  warning: "WARN disk almost full: 95%",
  start: 'START "quoted" id',
  slow: '{"level":"WARN","http":{"status":504,"ok":false},"ms":1200.5}',
  fast: '{"level":"INFO","http":{"status":200,"ok":true},"ms":3}',
};

const filter = (filterPattern: string) =>
  aws.logs.send(new logs.FilterLogEventsCommand({ logGroupName, filterPattern }));

const PATTERNS: Record<string, (keyof typeof MESSAGES)[]> = {
  "": ["error", "warning", "start", "slow", "fast"],
  "   ": ["error", "warning", "start", "slow", "fast"],
  ERROR: ["error"],
  error: [],
  "ERROR memory": ["error"],
  "ERROR disk": [],
  '"disk almost full: 95%"': ["warning"],
  '"\\"quoted\\""': ["start"],
  "-WARN": ["error", "start", "fast"],
  "WARN -level": ["warning"],
  '-"out of" -level': ["warning", "start"],
  "?ERROR ?START": ["error", "start"],
  '?"almost full" ?INFO': ["warning", "fast"],
  '{ $.level = "WARN" }': ["slow"],
  '{$.level != "WARN"}': ["fast"],
  "{ $.level = INFO }": ["fast"],
  "{ $.http.status = 504 }": ["slow"],
  "{ $.http.status != 504 }": ["fast"],
  "{ $.ms > 3 }": ["slow"],
  "{ $.ms >= 3 }": ["slow", "fast"],
  "{ $.ms < 1200.5 }": ["fast"],
  "{ $.ms <= 1200.5 }": ["slow", "fast"],
  "{ $.nothing.here = 1 }": [],
};

test.each(Object.entries(PATTERNS))("the pattern %j finds %j", async (pattern, names) => {
  const { events } = await filter(pattern);
  expect(events?.map(({ message }) => message)).toEqual(names.map((name) => MESSAGES[name]));
});

const invalid = (pattern: string, character: string): Refusal => [
  "InvalidParameterException",
  400,
  `Invalid character(s) in term '${character}'`,
  () => filter(pattern),
];
const missing = (pattern: string): Refusal => [
  "NotImplemented",
  501,
  "The local AWS does not implement ",
  () => filter(pattern),
];

describe("a filter pattern", () => {
  testRefusals({
    "a colon outside quotes": invalid("Status: timeout", ":"),
    "a hyphen inside a term": invalid("out-of-memory", "-"),
    "a quote that does not close": invalid('"open', '"'),
    "a regular expression": missing("%ERR.*%"),
    "fields between blanks": missing("[ip, user]"),
    "two comparisons": missing('{ $.a = "b" && $.c = 1 }'),
    "a wildcard": missing('{ $.a = "b*" }'),
    "a list's element": missing("{ $.a[0] = 1 }"),
    "a comparison with true": missing("{ $.http.ok = true }"),
    "a test for null": missing("{ $.a IS NULL }"),
    "an order of texts": missing('{ $.a > "b" }'),
    "optional terms beside others": missing("?ERROR memory"),
  });
});
