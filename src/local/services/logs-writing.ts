import * as z from "zod";
import type { LogGroup } from "../store/logs.ts";
import { insertLogEvent } from "./logs-events.ts";
import {
  checkLogStream,
  findLogGroup,
  invalidParameter,
  logGroupName,
  logStreamName,
  nextToken,
  operation,
} from "./logs-model.ts";

/** One request: so many events, and so many bytes with 26 for each event, in one day [AWS's model of PutLogEvents]. */
const EVENTS_PER_BATCH = 10_000;
const BYTES_PER_BATCH = 1_048_576;
const BYTES_PER_EVENT = 26;

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const logEvent = z.strictObject({ timestamp: z.number().int().min(0), message: z.string().min(1) });

type InputLogEvent = z.output<typeof logEvent>;

export const writingOperations = {
  PutLogEvents: operation(
    z.strictObject({
      logGroupName,
      logStreamName,
      logEvents: z.array(logEvent).min(1).max(EVENTS_PER_BATCH),
      // Ignored by AWS since 2023.
      sequenceToken: nextToken,
    }),
    (account, input) => {
      const group = findLogGroup(account, input.logGroupName);
      checkLogStream(group, input.logStreamName);
      checkBatch(input.logEvents);
      const { accepted, rejected } = sift(group, input.logEvents);
      const span = (accepted.at(-1)?.timestamp ?? 0) - (accepted[0]?.timestamp ?? 0);
      if (span > DAY_MS) {
        throw invalidParameter(
          "The batch of log events in a single PutLogEvents request cannot span more than 24 hours.",
        );
      }
      for (const event of accepted) insertLogEvent(group, input.logStreamName, event);
      return { nextSequenceToken: group.events.at(-1)?.eventId.replace("-", ""), rejectedLogEventsInfo: rejected };
    },
  ),
};

function checkBatch(events: readonly InputLogEvent[]): void {
  if (events.some(({ timestamp }, index) => timestamp < (events[index - 1]?.timestamp ?? 0))) {
    throw invalidParameter("Log events in a single PutLogEvents request must be in chronological order.");
  }
  const bytes = events.reduce((sum, { message }) => sum + Buffer.byteLength(message) + BYTES_PER_EVENT, 0);
  if (bytes > BYTES_PER_BATCH) {
    throw invalidParameter(`Upload too large: ${bytes} bytes exceeds limit of ${BYTES_PER_BATCH}`);
  }
}

/** The events AWS keeps, and where the others end or begin: too old, past the group's retention, or too far ahead. */
function sift(group: LogGroup, events: readonly InputLogEvent[]) {
  const now = Date.now();
  const retention = group.retentionInDays;
  const tooOld = events.findLastIndex(({ timestamp }) => timestamp < now - 14 * DAY_MS);
  const expired = events.findLastIndex(
    ({ timestamp }) => retention !== undefined && timestamp < now - retention * DAY_MS,
  );
  const tooNew = events.findIndex(({ timestamp }) => timestamp > now + 2 * HOUR_MS);
  const accepted = events.slice(Math.max(tooOld, expired) + 1, tooNew === -1 ? undefined : tooNew);
  if (accepted.length === events.length) return { accepted, rejected: undefined };
  return {
    accepted,
    rejected: {
      tooNewLogEventStartIndex: tooNew === -1 ? undefined : tooNew,
      tooOldLogEventEndIndex: tooOld === -1 ? undefined : tooOld + 1,
      expiredLogEventEndIndex: expired === -1 ? undefined : expired + 1,
    },
  };
}
