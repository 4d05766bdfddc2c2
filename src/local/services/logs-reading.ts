import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { LogEvent } from "../store/logs.ts";
import { compileFilterPattern } from "./logs-filter-patterns.ts";
import {
  checkLogStream,
  findNamedLogGroup,
  groupMembers,
  invalidNextToken,
  invalidParameter,
  logStreamName,
  nextToken,
  operation,
} from "./logs-model.ts";

/** One page of events: so many, or so many bytes [aws 10]. */
const EVENTS_PER_PAGE = 10_000;
const BYTES_PER_PAGE = 1_048_576;
/** How many pages' worth of events one request looks through for such that match. How many AWS does is unconfirmed. */
const SEARCHED_PAGES = 10;

const range = {
  startTime: z.number().int().min(0).default(0),
  endTime: z.number().int().min(0).default(Number.POSITIVE_INFINITY),
  limit: z.number().int().min(1).max(EVENTS_PER_PAGE).default(EVENTS_PER_PAGE),
};

export const readingOperations = {
  FilterLogEvents: operation(
    z.strictObject({
      ...groupMembers,
      ...range,
      logStreamNames: z.array(logStreamName).min(1).max(100).optional(),
      logStreamNamePrefix: logStreamName.optional(),
      filterPattern: z.string().max(1024).default(""),
      nextToken,
      startFromHead: z.boolean().default(true),
      // Ignored by AWS since 2019: events of all streams always come interleaved.
      interleaved: z.boolean().optional(),
    }),
    (account, input) => {
      const group = findNamedLogGroup(account, input);
      const { logStreamNames: names, logStreamNamePrefix: prefix } = input;
      if (names !== undefined && prefix !== undefined) {
        // The text is unconfirmed.
        throw invalidParameter("logStreamNames and logStreamNamePrefix are mutually exclusive parameters.");
      }
      if (!input.startFromHead) throw notImplemented("startFromHead false of FilterLogEvents");
      for (const name of names ?? []) checkLogStream(group, name);
      const after = input.nextToken ?? "";
      if (!/^(\d{14}-\d{8})?$/.test(after)) throw invalidNextToken();
      const matches = compileFilterPattern(input.filterPattern);
      const left = group.events.filter(
        (event) =>
          isWithin(event, input) &&
          (names?.includes(event.stream) ?? true) &&
          event.stream.startsWith(prefix ?? "") &&
          event.eventId > after,
      );
      // A request searches only so much: a page may be empty and yet not the last [aws 10].
      const searched = left.slice(0, SEARCHED_PAGES * account.timing.pageSize);
      const matching = searched.filter(({ message }) => matches(message));
      const shown = firstPage(matching, Math.min(input.limit, account.timing.pageSize));
      const last = shown.length < matching.length ? shown.at(-1) : searched.at(-1);
      return {
        events: shown.map((event) => ({ logStreamName: event.stream, ...eventOut(event), eventId: event.eventId })),
        // Always empty on AWS since 2020.
        searchedLogStreams: [],
        nextToken: last === left.at(-1) ? undefined : last?.eventId,
      };
    },
  ),

  GetLogEvents: operation(
    z.strictObject({ ...groupMembers, ...range, logStreamName, nextToken, startFromHead: z.boolean().default(false) }),
    (account, input) => {
      const group = findNamedLogGroup(account, input);
      checkLogStream(group, input.logStreamName);
      const token = readToken(input.nextToken);
      // Here the end is exclusive; FilterLogEvents includes it.
      const until = { ...input, endTime: input.endTime - 1 };
      const events = group.events.filter((event) => event.stream === input.logStreamName && isWithin(event, until));
      const forward = token?.forward ?? input.startFromHead;
      const shown = forward
        ? firstPage(after(events, token?.eventId ?? BEFORE_ALL), input.limit)
        : firstPage(before(events, token?.eventId ?? AFTER_ALL).reverse(), input.limit).reverse();
      // At either end a token leads back to itself, as on AWS.
      const last = shown.at(-1)?.eventId ?? (token?.forward ? token.eventId : BEFORE_ALL);
      const first = shown[0]?.eventId ?? (token?.forward === false ? token.eventId : AFTER_ALL);
      return { events: shown.map(eventOut), nextForwardToken: `f/${last}/s`, nextBackwardToken: `b/${first}/s` };
    },
  ),
};

const BEFORE_ALL = "00000000000000-00000000";
const AFTER_ALL = "99999999999999-99999999";

function readToken(token: string | undefined): { forward: boolean; eventId: string } | undefined {
  if (token === undefined) return undefined;
  const [, direction, eventId] = /^([fb])\/(\d{14}-\d{8})\/s$/.exec(token) ?? [];
  if (eventId === undefined) throw invalidNextToken();
  return { forward: direction === "f", eventId };
}

function after(events: readonly LogEvent[], eventId: string): LogEvent[] {
  return events.filter((event) => event.eventId > eventId);
}

function before(events: readonly LogEvent[], eventId: string): LogEvent[] {
  return events.filter((event) => event.eventId < eventId);
}

function isWithin(event: LogEvent, { startTime, endTime }: { startTime: number; endTime: number }): boolean {
  return event.timestamp >= startTime && event.timestamp <= endTime;
}

function firstPage(events: readonly LogEvent[], limit: number): LogEvent[] {
  let bytes = 0;
  const end = events.slice(0, limit).findIndex((event, index) => {
    bytes += Buffer.byteLength(event.message);
    return index > 0 && bytes > BYTES_PER_PAGE;
  });
  return events.slice(0, end === -1 ? limit : end);
}

function eventOut({ timestamp, message, ingestionTime }: LogEvent) {
  return { timestamp, message, ingestionTime };
}
