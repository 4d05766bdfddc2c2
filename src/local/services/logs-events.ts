import type { FunctionVersion } from "../function-version.ts";
import type { Account } from "../store/account.ts";
import type { LogEvent, LogGroup } from "../store/logs.ts";
import { permits } from "./iam-documents.ts";
import { documentsOf } from "./iam-managed-policies.ts";
import { roleOfArn } from "./iam-roles.ts";
import { countEvent } from "./logs-memory.ts";
import { createLogGroup } from "./logs-model.ts";

/** Stores a line a function wrote. A group nobody made comes into being bare: no retention, no tags [aws 4.11]. */
export function appendLogLine(
  account: Account,
  fn: Pick<FunctionVersion, "logGroup" | "roleArn">,
  stream: string,
  message: string,
): void {
  if (!account.logGroups.has(fn.logGroup) && !mayCreateLogGroup(account, fn.roleArn)) return;
  const group = account.logGroups.get(fn.logGroup) ?? createLogGroup(account, fn.logGroup, new Map());
  insertLogEvent(group, stream, { timestamp: Date.now(), message });
}

/** Stores an event AWS itself delivers, as access logs are. Nobody makes a missing group for it: then it is lost. */
export function appendLogEvent(account: Account, groupName: string, streamName: string, message: string): void {
  const group = account.logGroups.get(groupName);
  if (group !== undefined) insertLogEvent(group, streamName, { timestamp: Date.now(), message });
}

/** Puts an event where its timestamp belongs, behind those of the same millisecond; its stream comes into being with it. */
export function insertLogEvent(
  group: LogGroup,
  stream: string,
  { timestamp, message }: Pick<LogEvent, "timestamp" | "message">,
): void {
  const ingestionTime = Date.now();
  if (!group.streams.has(stream)) group.streams.set(stream, ingestionTime);
  const position = positionOf(group.events, timestamp);
  const before = group.events[position - 1];
  const sequence = before?.timestamp === timestamp ? Number(before.eventId.slice(-8)) + 1 : 0;
  const eventId = `${String(timestamp).padStart(14, "0")}-${String(sequence).padStart(8, "0")}`;
  const event = { eventId, stream, timestamp, ingestionTime, message };
  group.events.splice(position, 0, event);
  countEvent(group, event);
}

/** Behind every event that is not younger. Late batches have thousands of events, so it is searched by halves. */
function positionOf(events: readonly LogEvent[], timestamp: number): number {
  let low = 0;
  let high = events.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((events[middle]?.timestamp ?? 0) <= timestamp) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The role makes a missing group: not once it is gone, and not where its policies do not let it [aws 3.8, 4.11]. */
function mayCreateLogGroup(account: Account, roleArn: string): boolean {
  const role = roleOfArn(account, roleArn);
  return role !== undefined && permits(documentsOf(role), "logs:CreateLogGroup");
}
