import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { LogGroup } from "../store/logs.ts";
import { operationsOf } from "../wire/service.ts";

/** Declares an operation of CloudWatch Logs. */
export const operation = operationsOf("CloudWatch Logs", "InvalidParameterException");

export const logGroupName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[.\-_/#A-Za-z0-9]+$/);

export const logStreamName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[^:*]*$/);

/** The two members of which exactly one names the group. */
export const groupMembers = {
  logGroupName: logGroupName.optional(),
  logGroupIdentifier: z
    .string()
    .min(1)
    .max(2048)
    .regex(/^[\w#+=/:,.@-]*$/)
    .optional(),
};

export const nextToken = z.string().min(1).optional();

/** The group; ResourceNotFoundException when there is none. */
export function findLogGroup(account: Account, name: string): LogGroup {
  const group = account.logGroups.get(name);
  if (group === undefined) throw logGroupNotFound();
  return group;
}

/** The group of this ARN, which does not end in the `:*` that DescribeLogGroups' `arn` has [aws 6]. */
export function findLogGroupByArn(account: Account, arn: string): LogGroup {
  const group = findLogGroup(account, arn.split(":")[6] ?? "");
  if (group.arn !== arn) throw logGroupNotFound();
  return group;
}

/** The group that a name, or an identifier (a name or an ARN), stands for. */
export function findNamedLogGroup(
  account: Account,
  input: { readonly logGroupName?: string | undefined; readonly logGroupIdentifier?: string | undefined },
): LogGroup {
  const { logGroupName: name, logGroupIdentifier: identifier } = input;
  if (name !== undefined && identifier !== undefined) {
    throw invalidParameter("LogGroup name and LogGroup ARN are mutually exclusive parameters.");
  }
  const given = name ?? identifier;
  if (given === undefined) throw invalidParameter("Either logGroupName or logGroupIdentifier is required.");
  return given.startsWith("arn:") ? findLogGroupByArn(account, given) : findLogGroup(account, given);
}

/** Refuses a stream the group does not have. */
export function checkLogStream(group: LogGroup, name: string): void {
  if (!group.streams.has(name)) {
    throw new AwsError("ResourceNotFoundException", 400, "The specified log stream does not exist.");
  }
}

function logGroupNotFound(): AwsError {
  return new AwsError("ResourceNotFoundException", 400, "The specified log group does not exist.");
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", 400, message);
}

export function invalidNextToken(): AwsError {
  return invalidParameter("The specified nextToken is invalid.");
}

/** A new group of this name, stored. */
export function createLogGroup(account: Account, name: string, tags: Map<string, string>): LogGroup {
  const group: LogGroup = {
    name,
    arn: `arn:aws:logs:${account.region}:${account.accountId}:log-group:${name}`,
    createdAt: new Date(),
    retentionInDays: undefined,
    tags,
    streams: new Map(),
    events: [],
  };
  account.logGroups.set(name, group);
  return group;
}
