import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { FunctionVersion } from "../function-version.ts";
import type { Account, LogEvent } from "../store.ts";
import { dropOldEvents } from "./logs-memory.ts";
import { createLogGroup, findLogGroup, invalidParameter, logGroupName, operation } from "./logs-model.ts";

/** One page of events: so many, or so many bytes [aws 10]. */
const EVENTS_PER_PAGE = 10_000;
const BYTES_PER_PAGE = 1_048_576;

export const eventOperations = {
  FilterLogEvents: operation(
    z.strictObject({
      logGroupName: logGroupName.optional(),
      logGroupIdentifier: z.string().min(1).optional(),
      logStreamNames: z.array(z.string()).optional(),
      logStreamNamePrefix: z.string().optional(),
      startTime: z.number().int().min(0).optional(),
      endTime: z.number().int().min(0).optional(),
      filterPattern: z.string().max(1024).default(""),
      nextToken: z
        .string()
        .regex(/^\d{14}-\d{8}$/)
        .optional(),
      limit: z.number().int().min(1).max(EVENTS_PER_PAGE).default(EVENTS_PER_PAGE),
      interleaved: z.boolean().optional(),
    }),
    (account, input) => {
      const group = findLogGroup(account, groupName(input));
      const terms = termsOf(input.filterPattern);
      const matching = group.events.filter(
        (event) =>
          event.timestamp >= (input.startTime ?? 0) &&
          event.timestamp <= (input.endTime ?? Number.POSITIVE_INFINITY) &&
          (input.logStreamNames?.includes(event.stream) ?? true) &&
          event.stream.startsWith(input.logStreamNamePrefix ?? "") &&
          terms.every((term) => event.message.includes(term)) &&
          event.eventId > (input.nextToken ?? ""),
      );
      const shown = firstPage(matching, input.limit);
      return {
        events: shown.map((event) => ({
          logStreamName: event.stream,
          timestamp: event.timestamp,
          message: event.message,
          ingestionTime: event.timestamp,
          eventId: event.eventId,
        })),
        searchedLogStreams: [],
        nextToken: shown.length < matching.length ? shown.at(-1)?.eventId : undefined,
      };
    },
  ),
};

/** Stores a line a function wrote. A group nobody made comes into being bare: no retention, no tags [aws 4.11]. */
export function appendLogLine(
  account: Account,
  fn: Pick<FunctionVersion, "logGroup" | "roleArn">,
  stream: string,
  message: string,
): void {
  if (!account.logGroups.has(fn.logGroup) && !mayCreateLogGroup(account, fn.roleArn)) return;
  const group = account.logGroups.get(fn.logGroup) ?? createLogGroup(account, fn.logGroup, new Map());
  const last = group.events.at(-1);
  // A clock set back must not reorder the events: their ids are the order in which pages are read.
  const timestamp = Math.max(Date.now(), last?.timestamp ?? 0);
  const sequence = last?.timestamp === timestamp ? Number(last.eventId.slice(-8)) + 1 : 0;
  const eventId = `${String(timestamp).padStart(14, "0")}-${String(sequence).padStart(8, "0")}`;
  group.events.push({ eventId, stream, timestamp, message });
  dropOldEvents(group);
}

/** The role makes a missing group: not once it is gone, and not where a policy of its own denies it [aws 3.8, 4.11]. */
function mayCreateLogGroup(account: Account, roleArn: string): boolean {
  const role = [...account.roles.values()].find(({ arn }) => arn === roleArn);
  if (role === undefined) return false;
  return ![...role.inline.values()].some((document) => deniesLogGroups(JSON.parse(document)));
}

function deniesLogGroups(document: unknown): boolean {
  const policy = z
    .object({ Statement: z.array(z.object({ Effect: z.string(), Action: z.unknown() })) })
    .safeParse(document);
  return (
    policy.success &&
    policy.data.Statement.some(({ Effect, Action }) => {
      return Effect === "Deny" && [Action].flat().includes("logs:CreateLogGroup");
    })
  );
}

function groupName(input: { logGroupName?: string | undefined; logGroupIdentifier?: string | undefined }): string {
  const { logGroupName: name, logGroupIdentifier: identifier } = input;
  if (name !== undefined && identifier !== undefined) {
    throw invalidParameter("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  }
  const given = name ?? identifier;
  if (given === undefined) throw invalidParameter("Either logGroupName or logGroupIdentifier is required.");
  return given.startsWith("arn:") ? (given.split(":")[6] ?? "") : given;
}

/** The words and quoted phrases of a pattern: an event must hold all of them. */
function termsOf(pattern: string): readonly string[] {
  if (/^\s*[{[%]|(^|\s)[?-]/.test(pattern)) throw notImplemented(`the filter pattern ${pattern}`);
  return [...pattern.matchAll(/"([^"]*)"|(\S+)/g)].map((match) => match[1] ?? match[2] ?? "");
}

function firstPage(events: readonly LogEvent[], limit: number): readonly LogEvent[] {
  let bytes = 0;
  const end = events.slice(0, limit).findIndex((event, index) => {
    bytes += Buffer.byteLength(event.message);
    return index > 0 && bytes > BYTES_PER_PAGE;
  });
  return events.slice(0, end === -1 ? limit : end);
}
