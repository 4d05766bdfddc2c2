import { isError } from "../aws/failures.ts";
import { followLogs, type LogEvent, readLogs } from "../aws/log-events.ts";
import { namesOf } from "../aws/names.ts";
import type { Flags } from "../config/settings.ts";
import { type ExitCode, GatewayError, usageError } from "../errors.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { requireLocalAws } from "./local-aws.ts";
import { Essentials } from "./log-essentials.ts";
import { logLine } from "./log-line.ts";
import { openSession, readGateway } from "./session.ts";
import { parseSince } from "./since.ts";

const DEFAULT_SINCE = "10m";

/** One event as `--json` shows it: the only one with the message as it was written. */
interface LogRecord {
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The log group: the function's or, under /aws/vendedlogs/, that of the access log. */
  readonly group: string;
  readonly stream: string;
  readonly message: string;
}

export interface LogsResult {
  readonly events: readonly LogRecord[];
}

/**
 * Prints what the function has logged and, where access logs are configured, each request; oldest first; with --follow
 * also all that comes, until Ctrl-C or until nobody reads any more. With --json, --follow prints one document a line. Lambda's
 * own lines are left out where others tell the same, unless all are asked for with --verbose, --filter or --json.
 * @returns the events with --json alone; 130 after Ctrl-C has ended --follow, which is how it ends
 * @throws GatewayError NotDeployed when there is no log, also when it is deleted meanwhile; Usage for a bad pattern
 */
export async function logs(flags: Flags, io: Io, progress: Progress): Promise<LogsResult | ExitCode | undefined> {
  const since = parseSince(typeof flags.since === "string" ? flags.since : DEFAULT_SINCE, io.clock.now());
  const pattern = typeof flags.filter === "string" ? flags.filter : undefined;
  const gateway = await readGateway(flags, io);
  if (gateway.local) await requireLocalAws(io);
  const signal = AbortSignal.any([io.signal, io.outputClosed]);
  const session = await openSession(gateway, flags, { ...io, signal }, progress);
  const { identity, confirm } = await session.identify();
  await confirm(Promise.resolve());
  const { logGroupName, accessLogGroupName } = namesOf(gateway, identity);
  const groups =
    flags.access === true ? [accessLogGroupName] : [logGroupName, ...(gateway.accessLogs ? [accessLogGroupName] : [])];
  // With both, each line says where it comes from, as wide for one as for the other.
  const sources = new Map(
    groups.length > 1
      ? [
          [logGroupName, "function"],
          [accessLogGroupName, "access  "],
        ]
      : [],
  );
  const client = session.aws.logs;
  const query = { since, pattern, clock: io.clock };
  try {
    if (flags.follow === true) {
      progress.line(`following ${groups.join(" and ")} until Ctrl-C`);
      const trouble = ({ message }: Error) => progress.line(`AWS does not answer, trying again: ${message}`);
      await print(followLogs(client, groups, query, { signal, trouble }), sources, flags, io);
    }
    const events = readLogs(client, groups, { ...query, until: io.clock.now() });
    if (flags.json === true) return { events: await recordsOf(events) };
    const count = await print(events, sources, flags, io);
    if (count === 0) progress.line(`no events since ${new Date(since).toISOString()}`);
    return undefined;
  } catch (error) {
    if (io.outputClosed.aborted) return undefined;
    if (io.signal.aborted && flags.follow === true) return 130;
    throw explained(error, gateway.region, groups, flags.access === true, pattern);
  }
}

/** Prints events as they come, and tells how many there were. */
async function print(
  events: AsyncIterable<LogEvent>,
  sources: ReadonlyMap<string, string>,
  flags: Flags,
  io: Io,
): Promise<number> {
  const isAll = [flags.json, flags.verbose].includes(true) || flags.filter !== undefined;
  const essentials = new Essentials<LogEvent>();
  const show = (event: LogEvent) => {
    const { timestamp, message, group } = event;
    const line =
      flags.json === true ? JSON.stringify(recordOf(event)) : logLine(timestamp, message, sources.get(group));
    if (line !== undefined) io.stdout(`${line}\n`);
  };
  let count = 0;
  for await (const event of events) {
    for (const one of isAll ? [event] : essentials.shown(event)) show(one);
    count += 1;
  }
  for (const start of essentials.rest()) show(start);
  return count;
}

async function recordsOf(events: AsyncIterable<LogEvent>): Promise<LogRecord[]> {
  const records: LogRecord[] = [];
  for await (const event of events) records.push(recordOf(event));
  return records;
}

function recordOf({ id, timestamp, group, stream, message }: LogEvent): LogRecord {
  return { id, time: new Date(timestamp).toISOString(), group, stream, message };
}

function explained(
  error: unknown,
  region: string,
  groups: readonly string[],
  isAccessAlone: boolean,
  pattern: string | undefined,
): unknown {
  if (isError(error, ["ResourceNotFoundException"])) {
    return new GatewayError("NotDeployed", `there is no log group ${groups.join(", or no ")}`, {
      cause: error,
      hint: isAccessAlone
        ? 'For an access log, put "accessLogs": true into llm-gw.json and deploy; or name another gateway.'
        : `Deploy the gateway first, or name another one with --name, --stage, --region or --local. Those that exist there: llm-gw list --region ${region}`,
    });
  }
  if (pattern !== undefined && isError(error, ["InvalidParameterException"])) {
    const hint = `Put terms with other characters than letters and digits into double quotes: --filter '"a-b"'.`;
    return usageError(`--filter ${pattern}: ${error.message}`, hint);
  }
  return error;
}
