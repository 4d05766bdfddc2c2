import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { LogEvent, LogGroup } from "../store/logs.ts";
import { page } from "../wire/pages.ts";
import { dropStream } from "./logs-memory.ts";
import {
  checkLogStream,
  findLogGroup,
  findNamedLogGroup,
  groupMembers,
  invalidNextToken,
  invalidParameter,
  logGroupName,
  logStreamName,
  nextToken,
  operation,
} from "./logs-model.ts";

const STREAMS_PER_PAGE = 50;

export const streamOperations = {
  CreateLogStream: operation(z.strictObject({ logGroupName, logStreamName }), (account, input) => {
    const { streams } = findLogGroup(account, input.logGroupName);
    if (streams.has(input.logStreamName)) {
      throw new AwsError("ResourceAlreadyExistsException", 400, "The specified log stream already exists");
    }
    streams.set(input.logStreamName, Date.now());
  }),

  /** Its events go with it. */
  DeleteLogStream: operation(z.strictObject({ logGroupName, logStreamName }), (account, input) => {
    const group = findLogGroup(account, input.logGroupName);
    checkLogStream(group, input.logStreamName);
    group.streams.delete(input.logStreamName);
    dropStream(group, input.logStreamName);
  }),

  DescribeLogStreams: operation(
    z.strictObject({
      ...groupMembers,
      logStreamNamePrefix: logStreamName.optional(),
      orderBy: z.enum(["LogStreamName", "LastEventTime"]).default("LogStreamName"),
      descending: z.boolean().default(false),
      nextToken,
      limit: z.number().int().min(1).max(STREAMS_PER_PAGE).default(STREAMS_PER_PAGE),
    }),
    (account, input) => {
      const group = findNamedLogGroup(account, input);
      const { orderBy, logStreamNamePrefix: prefix } = input;
      if (orderBy === "LastEventTime" && prefix !== undefined) {
        throw invalidParameter("Cannot order by LastEventTime with a logStreamNamePrefix.");
      }
      const matching = [...group.streams.keys()].filter((name) => name.startsWith(prefix ?? ""));
      const spans = spansOf(group);
      const streams = matching.map((name) => streamOut(group, name, spans.get(name)));
      const keyOf = ({ logStreamName: name, lastEventTimestamp: last = 0 }: (typeof streams)[number]) =>
        orderBy === "LogStreamName" ? name : `${String(last).padStart(14, "0")}/${name}`;
      const { items, next } = page(streams, keyOf, {
        token: input.nextToken,
        size: Math.min(input.limit, account.timing.pageSize),
        invalid: invalidNextToken,
        descending: input.descending,
      });
      return { logStreams: items, nextToken: next };
    },
  ),
};

interface Span {
  readonly first: LogEvent;
  readonly last: LogEvent;
}

/** The first and the last event of each stream, in one look at the group. */
function spansOf(group: LogGroup): ReadonlyMap<string, Span> {
  const spans = new Map<string, Span>();
  for (const event of group.events) {
    spans.set(event.stream, { first: spans.get(event.stream)?.first ?? event, last: event });
  }
  return spans;
}

function streamOut(group: LogGroup, name: string, span: Span | undefined) {
  return {
    logStreamName: name,
    creationTime: group.streams.get(name),
    firstEventTimestamp: span?.first.timestamp,
    lastEventTimestamp: span?.last.timestamp,
    lastIngestionTime: span?.last.ingestionTime,
    arn: `${group.arn}:log-stream:${name}`,
    // AWS counts no bytes of streams any more.
    storedBytes: 0,
  };
}
