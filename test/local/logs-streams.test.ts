import * as logs from "@aws-sdk/client-cloudwatch-logs";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import { afterEach, beforeEach, expect, test } from "vitest";
import { appendLogEvent } from "../../src/local/services/logs-events.ts";
import { createLogGroup } from "../../src/local/services/logs-model.ts";
import { newAccount } from "../../src/local/store/account.ts";
import { TIMINGS } from "../../src/local/timing.ts";
import { createFunction, startAccount, type TestAccount } from "./control-plane-support.ts";

let aws: TestAccount;
beforeEach(async () => {
  aws = await startAccount();
  await aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName }));
});
afterEach(async () => {
  await aws.close();
});

const logGroupName = "/group";
const GROUP_ARN = `arn:aws:logs:us-east-1:000000000000:log-group:${logGroupName}`;
const HOUR_MS = 3_600_000;

const createStream = (logStreamName: string) =>
  aws.logs.send(new logs.CreateLogStreamCommand({ logGroupName, logStreamName }));

const put = (logStreamName: string, logEvents: logs.InputLogEvent[]) =>
  aws.logs.send(new logs.PutLogEventsCommand({ logGroupName, logStreamName, logEvents }));

const get = (input: Partial<logs.GetLogEventsCommandInput>) =>
  aws.logs.send(new logs.GetLogEventsCommand({ logGroupName, logStreamName: "s", ...input }));

const messagesOf = (answer: { events?: { message?: string | undefined }[] | undefined }) =>
  answer.events?.map(({ message }) => message);

test("streams are listed by name, by prefix and by their last event, either way, in pages", async () => {
  for (const name of ["b", "a2", "a1"]) await createStream(name);
  const now = Date.now();
  await put("a1", [{ timestamp: now - 2, message: "x" }]);
  await put("b", [{ timestamp: now - 9, message: "x" }]);
  await put("b", [{ timestamp: now - 1, message: "x" }]);
  const names = async (input: Partial<logs.DescribeLogStreamsCommandInput>) => {
    const pages = logs.paginateDescribeLogStreams({ client: aws.logs, pageSize: 2 }, { logGroupName, ...input });
    const found: unknown[] = [];
    for await (const { logStreams } of pages) found.push(...(logStreams ?? []).map((one) => one.logStreamName));
    return found;
  };
  expect(await names({})).toEqual(["a1", "a2", "b"]);
  expect(await names({ descending: true })).toEqual(["b", "a2", "a1"]);
  expect(await names({ logStreamNamePrefix: "a" })).toEqual(["a1", "a2"]);
  expect(await names({ orderBy: "LastEventTime" })).toEqual(["a2", "a1", "b"]);
  expect(await names({ orderBy: "LastEventTime", descending: true })).toEqual(["b", "a1", "a2"]);
  const { logStreams } = await aws.logs.send(
    new logs.DescribeLogStreamsCommand({ logGroupIdentifier: GROUP_ARN, logStreamNamePrefix: "b" }),
  );
  expect(logStreams).toMatchObject([
    { arn: `${GROUP_ARN}:log-stream:b`, firstEventTimestamp: now - 9, lastEventTimestamp: now - 1, storedBytes: 0 },
  ]);
});

test("a deleted stream takes its events along", async () => {
  for (const name of ["s", "t"]) {
    await createStream(name);
    await put(name, [{ timestamp: Date.now(), message: name }]);
  }
  await aws.logs.send(new logs.DeleteLogStreamCommand({ logGroupName, logStreamName: "s" }));
  expect(messagesOf(await aws.logs.send(new logs.FilterLogEventsCommand({ logGroupName })))).toEqual(["t"]);
});

test("events stand in the order of their time, whenever they were put", async () => {
  await createStream("s");
  const now = Date.now();
  await put("s", [{ timestamp: now, message: "late" }]);
  await put("s", [
    { timestamp: now - 1, message: "early" },
    { timestamp: now, message: "late too" },
  ]);
  expect(messagesOf(await get({ startFromHead: true }))).toEqual(["early", "late", "late too"]);
  const until = await get({ startFromHead: true, startTime: now - 1, endTime: now });
  expect(messagesOf(until)).toEqual(["early"]);
  const filtered = await aws.logs.send(
    new logs.FilterLogEventsCommand({ logGroupIdentifier: GROUP_ARN, endTime: now, limit: 2 }),
  );
  expect(messagesOf(filtered)).toEqual(["early", "late"]);
  const rest = await aws.logs.send(new logs.FilterLogEventsCommand({ logGroupName, nextToken: filtered.nextToken }));
  expect(messagesOf(rest)).toEqual(["late too"]);
});

test("events too old, expired or too far ahead are left out, and the answer says where they end and begin", async () => {
  await aws.logs.send(new logs.PutRetentionPolicyCommand({ logGroupName, retentionInDays: 1 }));
  await createStream("s");
  const now = Date.now();
  const answer = await put("s", [
    { timestamp: now - 15 * 24 * HOUR_MS, message: "too old" },
    { timestamp: now - 25 * HOUR_MS, message: "expired" },
    { timestamp: now, message: "kept" },
    { timestamp: now + 3 * HOUR_MS, message: "too new" },
  ]);
  expect(answer.rejectedLogEventsInfo).toEqual({
    tooOldLogEventEndIndex: 1,
    expiredLogEventEndIndex: 2,
    tooNewLogEventStartIndex: 3,
  });
  expect(messagesOf(await get({}))).toEqual(["kept"]);
});

test("a stream is read forwards and backwards, and a token at either end leads back to itself", async () => {
  await createStream("s");
  const empty = await get({});
  const now = Date.now();
  await put(
    "s",
    ["1", "2", "3", "4", "5"].map((message, index) => ({ timestamp: now + index, message })),
  );
  expect(messagesOf(await get({ nextToken: empty.nextForwardToken }))).toHaveLength(5);

  const last = await get({ limit: 2 });
  expect(messagesOf(last)).toEqual(["4", "5"]);
  const middle = await get({ limit: 2, nextToken: last.nextBackwardToken });
  expect(messagesOf(middle)).toEqual(["2", "3"]);
  const first = await get({ limit: 2, nextToken: middle.nextBackwardToken });
  expect(messagesOf(first)).toEqual(["1"]);
  const beyond = await get({ limit: 2, nextToken: first.nextBackwardToken });
  expect([messagesOf(beyond), beyond.nextBackwardToken]).toEqual([[], first.nextBackwardToken]);
  expect(messagesOf(await get({ limit: 2, nextToken: beyond.nextForwardToken }))).toEqual(["1", "2"]);

  const end = await get({ nextToken: last.nextForwardToken });
  expect([messagesOf(end), end.nextForwardToken]).toEqual([[], last.nextForwardToken]);
});

test("a function's lines come in a stream of their own, which is there with the first line", async () => {
  await createFunction(aws, "f");
  await aws.lambda.send(new InvokeCommand({ FunctionName: "f", Payload: '{"say":"hello"}' }));
  const group = { logGroupName: "/aws/lambda/f" };
  const { logStreams } = await aws.logs.send(new logs.DescribeLogStreamsCommand(group));
  const logStreamName = logStreams?.[0]?.logStreamName;
  const { events } = await aws.logs.send(new logs.GetLogEventsCommand({ ...group, logStreamName }));
  expect(events?.some(({ message }) => message?.includes("got hello"))).toBe(true);
});

test("what AWS delivers itself makes its stream and never its group", () => {
  const account = newAccount({ region: "us-east-1", url: "", timing: TIMINGS.off, roles: new Map() });
  const group = createLogGroup(account, "/access", new Map());
  appendLogEvent(account, "/access", "s", "line");
  appendLogEvent(account, "/none", "s", "line");
  expect(group.events).toMatchObject([{ stream: "s", message: "line" }]);
  expect([[...group.streams.keys()], [...account.logGroups.keys()]]).toEqual([["s"], ["/access"]]);
});

test("a group says its class and its identifiers, and is found by them", async () => {
  await aws.logs.send(new logs.CreateLogGroupCommand({ logGroupName: "/other", logGroupClass: "STANDARD" }));
  const found = async (input: logs.DescribeLogGroupsCommandInput) =>
    (await aws.logs.send(new logs.DescribeLogGroupsCommand(input))).logGroups?.map((group) => group.logGroupName);
  expect(await found({ logGroupIdentifiers: ["/other"] })).toEqual(["/other"]);
  const matching = await aws.logs.send(new logs.DescribeLogGroupsCommand({ logGroupNamePattern: "rou" }));
  expect(matching.logGroups).toEqual([{ logGroupName, arn: `${GROUP_ARN}:*`, creationTime: expect.any(Number) }]);
  expect(await found({ logGroupClass: "INFREQUENT_ACCESS" })).toEqual([]);
  expect(await found({ logGroupClass: "STANDARD" })).toEqual(["/group", "/other"]);
  await aws.logs.send(new logs.PutRetentionPolicyCommand({ logGroupName, retentionInDays: 3 }));
  await aws.logs.send(new logs.DeleteRetentionPolicyCommand({ logGroupName }));
  const { logGroups } = await aws.logs.send(new logs.DescribeLogGroupsCommand({ logGroupNamePrefix: logGroupName }));
  expect(logGroups).toMatchObject([{ logGroupClass: "STANDARD", metricFilterCount: 0, storedBytes: 0 }]);
  expect(logGroups?.[0]?.retentionInDays).toBeUndefined();
});

test("tags are written by ARN and by name", async () => {
  await aws.logs.send(new logs.TagResourceCommand({ resourceArn: GROUP_ARN, tags: { a: "1", b: "2" } }));
  await aws.logs.send(new logs.TagLogGroupCommand({ logGroupName, tags: { b: "3", c: "4" } }));
  await aws.logs.send(new logs.UntagLogGroupCommand({ logGroupName, tags: ["a"] }));
  await aws.logs.send(new logs.UntagResourceCommand({ resourceArn: GROUP_ARN, tagKeys: ["c"] }));
  expect((await aws.logs.send(new logs.ListTagsLogGroupCommand({ logGroupName }))).tags).toEqual({ b: "3" });
});
