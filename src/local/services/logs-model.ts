import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account, LogGroup } from "../store.ts";
import { operationsOf } from "../wire/service.ts";

/** Declares an operation of CloudWatch Logs. */
export const operation = operationsOf("CloudWatch Logs", "InvalidParameterException");

export const logGroupName = z
  .string()
  .min(1)
  .max(512)
  .regex(/^[.\-_/#A-Za-z0-9]+$/);

/** The group; ResourceNotFoundException when there is none. */
export function findLogGroup(account: Account, name: string): LogGroup {
  const group = account.logGroups.get(name);
  if (group === undefined) throw logGroupNotFound();
  return group;
}

export function logGroupNotFound(): AwsError {
  return new AwsError("ResourceNotFoundException", 400, "The specified log group does not exist.");
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterException", 400, message);
}

/** A new group of this name, stored. */
export function createLogGroup(account: Account, name: string, tags: Map<string, string>): LogGroup {
  const group: LogGroup = {
    name,
    arn: `arn:aws:logs:${account.region}:${account.accountId}:log-group:${name}`,
    createdAt: new Date(),
    retentionInDays: undefined,
    tags,
    events: [],
  };
  account.logGroups.set(name, group);
  return group;
}
