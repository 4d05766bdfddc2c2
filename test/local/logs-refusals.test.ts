import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { afterAll, beforeAll, describe } from "vitest";
import { type Refusal, startAccount, type TestAccount } from "./control-plane-support.ts";
import { testRefusals } from "./refusals-fixture.ts";

/** One account for all: what is refused changes nothing. */
let aws: TestAccount;
beforeAll(async () => {
  aws = await startAccount();
  await aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName }));
  await aws.logs.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName: "s" }));
});
afterAll(async () => {
  await aws.close();
});

const logGroupName = "/group";
const GROUP_ARN = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
const NO_STREAM = "The specified log stream does not exist.";

const invalid = (message: string, call: () => Promise<unknown>): Refusal => [
  "InvalidParameterException",
  400,
  message,
  call,
];
const absent = (message: string, call: () => Promise<unknown>): Refusal => [
  "ResourceNotFoundException",
  400,
  message,
  call,
];
const missing = (what: string, call: () => Promise<unknown>): Refusal => [
  "NotImplemented",
  501,
  `The local AWS does not implement ${what}.`,
  call,
];
const createGroup = (input: Partial<logs.CreateLogGroupCommandInput>) => () =>
  aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName: "new", ...input }));
const createStream = (logStreamName: string) => () =>
  aws.logs.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName }));
const put = (logEvents: logs.InputLogEvent[], logStreamName = "s") => {
  return () => aws.logs.send(new logs.PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));
};
const filter = (input: logs.FilterLogEventsCommandInput) => () => aws.logs.send(new logs.FilterLogEventsCommand(input));
const now = Date.now();

describe("log groups", () => {
  testRefusals({
    "a name of AWS's own": invalid("reserved for AWS", createGroup({ logGroupName: "aws/mine" })),
    "a class of infrequent access": missing(
      "log groups of class INFREQUENT_ACCESS",
      createGroup({ logGroupClass: "INFREQUENT_ACCESS" }),
    ),
    "deletion protection": missing(
      "the deletion protection of log groups",
      createGroup({ deletionProtectionEnabled: true }),
    ),
    "a key": missing("the input member kmsKeyId of CloudWatch Logs", createGroup({ kmsKeyId: "k" })),
    "a reserved tag": invalid("aws: prefixed tag key names are not allowed", createGroup({ tags: { "aws:a": "b" } })),
    "51 tags": [
      "TooManyTagsException",
      400,
      "A log group has at most 50 tags",
      createGroup({ tags: Object.fromEntries(Array.from({ length: 51 }, (_, n) => [`t${n}`, ""])) }),
    ],
    "a tag with a character of its own": invalid(
      "Member must satisfy regular expression pattern",
      createGroup({ tags: { a: "b*" } }),
    ),
    "tags by an ARN with a star": invalid("Member must satisfy regular expression pattern: [\\w+=/:,.@-]*", () =>
      aws.logs.send(new logs.ListTagsForResourceCommand({ resourceArn: `${GROUP_ARN}:*` })),
    ),
    "identifiers beside a prefix": invalid("cannot be combined", () =>
      aws.logs.send(new logs.DescribeLogGroupsCommand({ logGroupIdentifiers: ["a"], logGroupNamePrefix: "a" })),
    ),
  });
});

describe("log streams", () => {
  testRefusals({
    "a stream that exists": [
      "ResourceAlreadyExistsException",
      400,
      "The specified log stream already exists",
      createStream("s"),
    ],
    "a name with a colon": invalid("Member must satisfy regular expression pattern: [^:*]*", createStream("a:b")),
    "a stream to delete that does not exist": absent(NO_STREAM, () =>
      aws.logs.send(new logs.DeleteLogStreamCommand({ logGroupName, logStreamName: "t" })),
    ),
    "streams by time with a prefix": invalid("Cannot order by LastEventTime with a logStreamNamePrefix.", () =>
      aws.logs.send(
        new logs.DescribeLogStreamsCommand({ logGroupName, orderBy: "LastEventTime", logStreamNamePrefix: "a" }),
      ),
    ),
    "51 streams at a time": invalid("Member must have value less than or equal to 50", () =>
      aws.logs.send(new logs.DescribeLogStreamsCommand({ logGroupName, limit: 51 })),
    ),
  });
});

describe("log events", () => {
  testRefusals({
    "events for a stream nobody made": absent(NO_STREAM, put([{ timestamp: now, message: "a" }], "t")),
    "events out of order": invalid(
      "Log events in a single PutLogEvents request must be in chronological order.",
      put([
        { timestamp: now, message: "a" },
        { timestamp: now - 1, message: "b" },
      ]),
    ),
    "events of more than a day": invalid(
      "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
      put([
        { timestamp: now - 86_400_001, message: "a" },
        { timestamp: now, message: "b" },
      ]),
    ),
    "a batch above 1 MiB": invalid(
      "Upload too large: 1048577 bytes exceeds limit of 1048576",
      put([{ timestamp: now, message: "x".repeat(1_048_551) }]),
    ),
    "no events": invalid("Member must have length greater than or equal to 1", put([])),
    "an event without a message": invalid("Member must not be null", put([{ timestamp: now, message: undefined }])),
    "a stream to read that does not exist": absent(NO_STREAM, () =>
      aws.logs.send(new logs.GetLogEventsCommand({ logGroupName, logStreamName: "t" })),
    ),
    "a token of someone else": invalid("The specified nextToken is invalid.", () =>
      aws.logs.send(new logs.GetLogEventsCommand({ logGroupName, logStreamName: "s", nextToken: "f/1/s" })),
    ),
    "a filter's token of someone else": invalid(
      "The specified nextToken is invalid.",
      filter({ logGroupName, nextToken: "abc" }),
    ),
    "neither a name nor an identifier": invalid("Either logGroupName or logGroupIdentifier is required.", filter({})),
    "a name and an identifier": invalid(
      "LogGroup name and LogGroup ARN are mutually exclusive parameters.",
      filter({ logGroupName, logGroupIdentifier: GROUP_ARN }),
    ),
    "a group's ARN of another Region": absent(
      "The specified log group does not exist.",
      filter({ logGroupIdentifier: GROUP_ARN.replace("us-east-1", "eu-west-1") }),
    ),
    "streams by name and by prefix": invalid(
      "mutually exclusive",
      filter({ logGroupName, logStreamNames: ["s"], logStreamNamePrefix: "s" }),
    ),
    "a filter on a stream that does not exist": absent(NO_STREAM, filter({ logGroupName, logStreamNames: ["s", "t"] })),
    "the newest first": missing(
      "startFromHead false of FilterLogEvents",
      filter({ logGroupName, startFromHead: false }),
    ),
    unmasking: missing("the input member unmask of CloudWatch Logs", filter({ logGroupName, unmask: true })),
  });
});
