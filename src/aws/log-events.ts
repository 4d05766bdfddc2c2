// Reads log groups: each event once, however late it comes and however many share its millisecond.
import { type CloudWatchLogsClient, FilterLogEventsCommand } from "@aws-sdk/client-cloudwatch-logs";
import type { Clock } from "../clock.ts";
import { isError, isUnanswered } from "./failures.ts";
import { backoff } from "./retry.ts";

export interface LogEvent {
  readonly id: string;
  /** Milliseconds since 1970: when the writer wrote it, which may be long before it can be read. */
  readonly timestamp: number;
  readonly message: string;
  readonly stream: string;
  readonly group: string;
}

/** What is read, besides the group. */
export interface LogQuery {
  /** Milliseconds since 1970, as `until`; both inclusive. */
  readonly since: number;
  readonly until?: number;
  /** CloudWatch's filter pattern. */
  readonly pattern?: string | undefined;
  readonly clock: Clock;
}

interface Following {
  /** Ends it, with the signal's reason. */
  readonly signal: AbortSignal;
  /** Called when AWS does not answer, once until it answers again. */
  trouble(error: Error): void;
}

/** How far back of the youngest event a look goes again. Lambda delivers within seconds, access logs within minutes [aws 5.7]. */
const OVERLAP_MS = 5 * 60_000;
/** How far back of now it goes at most, but for the first: what a filter has searched in vain need not be searched again. */
const LATEST_MS = 15 * 60_000;
/** So many events are remembered; a group that writes more in the overlap has a shorter one. A page has as many [aws 10]. */
const REMEMBERED = 10_000;
/** Between two looks: soon after events came, rarer while it is quiet. CloudWatch takes five a second from an account. */
const pauseMs = backoff(1_000, 5_000);
/** AWS may be out of reach for so long, as when a laptop sleeps. */
const TROUBLE_LIMIT_MS = 10 * 60_000;

/** The events of some groups, oldest first. Throws what the SDK throws: ResourceNotFoundException for a missing group. */
export function readLogs(
  logs: CloudWatchLogsClient,
  groups: readonly string[],
  query: LogQuery,
): AsyncGenerator<LogEvent> {
  return inOrder(groups.map((group) => new LogCursor(logs, group, query).look()));
}

/**
 * The events of some groups since `since`, and then each that comes, without end. An event is missed that comes more than
 * five minutes later than a younger one of its group, or more than a quarter of an hour after it was written.
 * @throws the signal's reason, or what the SDK throws when waiting does not cure it within ten minutes
 */
export async function* followLogs(
  logs: CloudWatchLogsClient,
  groups: readonly string[],
  query: LogQuery,
  { signal, trouble }: Following,
): AsyncGenerator<LogEvent> {
  const { clock } = query;
  const cursors = groups.map((group) => new LogCursor(logs, group, query));
  let troubleSince: number | undefined;
  for (let quiet = 1; ; quiet++) {
    try {
      for await (const event of inOrder(cursors.map((cursor) => cursor.look()))) {
        quiet = 0;
        yield event;
      }
      troubleSince = undefined;
    } catch (error) {
      if (!isWaitedOut(error)) throw error;
      if (troubleSince === undefined) trouble(error);
      troubleSince ??= clock.elapsed();
      if (clock.elapsed() - troubleSince > TROUBLE_LIMIT_MS) throw error;
    }
    await clock.sleep(pauseMs(Math.max(1, quiet)), signal);
  }
}

/** Looking again cures it: AWS was out of reach or had too many requests, even for the SDK's own tries. */
function isWaitedOut(error: unknown): error is Error {
  return error instanceof Error && (isUnanswered(error) || isError(error, ["ThrottlingException"]));
}

/** Where the reading of one group stands. */
class LogCursor {
  readonly #logs: CloudWatchLogsClient;
  readonly #group: string;
  readonly #query: LogQuery;
  /** Ids that were handed out, with their timestamps: all that the next look may see again. */
  readonly #seen = new Map<string, number>();
  /** The next look begins here. */
  #floor: number;

  constructor(logs: CloudWatchLogsClient, group: string, query: LogQuery) {
    this.#logs = logs;
    this.#group = group;
    this.#query = query;
    this.#floor = query.since;
  }

  /** The events that were not handed out yet, page by page. A look that fails half-way is continued by the next. */
  async *look(): AsyncGenerator<LogEvent> {
    const { until: endTime, pattern: filterPattern } = this.#query;
    const wanted = { logGroupName: this.#group, startTime: this.#floor, endTime, filterPattern };
    const begun = this.#query.clock.now();
    let nextToken: string | undefined;
    do {
      const page = await this.#logs.send(new FilterLogEventsCommand({ ...wanted, nextToken }));
      for (const { eventId: id = "", timestamp = 0, message = "", logStreamName: stream = "" } of page.events ?? []) {
        if (this.#seen.has(id)) continue;
        yield { id, timestamp, message, stream, group: this.#group };
        // Only now: another group's failure may end this look while the event still waits for its turn.
        this.#seen.set(id, timestamp);
      }
      this.#forget();
      // A page may be empty and not the last [aws 10].
      nextToken = page.nextToken;
    } while (nextToken !== undefined);
    // By the clock of AWS, which its answers tell: by one of ours that runs ahead, all events would come too late.
    this.#floor = Math.max(this.#floor, begun + this.#logs.config.systemClockOffset - LATEST_MS);
  }

  /** Forgets what the next look does not see again. */
  #forget(): void {
    const times = [...this.#seen.values()].sort((a, b) => a - b);
    // A clock that runs ahead writes events of the future; what comes at the right time must not count as late then.
    const newest = Math.min(times.at(-1) ?? 0, this.#query.clock.now());
    this.#floor = Math.max(this.#floor, newest - OVERLAP_MS, times.at(-REMEMBERED) ?? 0);
    for (const [id, timestamp] of this.#seen) {
      if (timestamp < this.#floor) this.#seen.delete(id);
    }
  }
}

/** Merges what is in order into one that is. */
async function* inOrder(sources: readonly AsyncGenerator<LogEvent>[]): AsyncGenerator<LogEvent> {
  const heads = await Promise.all(sources.map(async (source) => ({ source, next: await source.next() })));
  for (;;) {
    const waiting = heads.flatMap((head) => (head.next.done ? [] : [{ head, event: head.next.value }]));
    const [first, ...others] = waiting;
    if (first === undefined) return;
    const earliest = others.reduce((a, b) => (b.event.timestamp < a.event.timestamp ? b : a), first);
    yield earliest.event;
    earliest.head.next = await earliest.head.source.next();
  }
}
