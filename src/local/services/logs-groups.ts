import * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { LogGroup } from "../store/logs.ts";
import { page } from "../wire/pages.ts";
import {
  createLogGroup,
  findLogGroup,
  groupMembers,
  invalidNextToken,
  invalidParameter,
  logGroupName,
  nextToken,
  operation,
} from "./logs-model.ts";
import { mergedTags, tags } from "./logs-tags.ts";

/** The days Logs keeps events for; nothing in between [aws 10]. */
const RETENTION_DAYS = [
  1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
] as const;

const GROUPS_PER_PAGE = 50;

const logGroupClass = z.enum(["STANDARD", "INFREQUENT_ACCESS", "DELIVERY", "ESSENTIALS"]).default("STANDARD");

export const groupOperations = {
  CreateLogGroup: operation(
    z.strictObject({
      logGroupName,
      tags: tags.default({}),
      logGroupClass,
      deletionProtectionEnabled: z.boolean().default(false),
    }),
    (account, input) => {
      if (input.logGroupClass !== "STANDARD") throw notImplemented(`log groups of class ${input.logGroupClass}`);
      if (input.deletionProtectionEnabled) throw notImplemented("the deletion protection of log groups");
      if (input.logGroupName.startsWith("aws/")) {
        // The text is unconfirmed.
        throw invalidParameter("Log groups starting with AWS/ are reserved for AWS.");
      }
      if (account.logGroups.has(input.logGroupName)) {
        throw new AwsError("ResourceAlreadyExistsException", 400, "The specified log group already exists");
      }
      createLogGroup(account, input.logGroupName, mergedTags(new Map(), input.tags));
    },
  ),

  DescribeLogGroups: operation(
    z.strictObject({
      logGroupNamePrefix: logGroupName.optional(),
      logGroupNamePattern: logGroupName.optional(),
      logGroupIdentifiers: z.array(groupMembers.logGroupIdentifier.unwrap()).min(1).max(50).optional(),
      logGroupClass,
      nextToken,
      limit: z.number().int().min(1).max(GROUPS_PER_PAGE).default(GROUPS_PER_PAGE),
    }),
    (account, input) => {
      const { logGroupNamePrefix: prefix, logGroupNamePattern: pattern, logGroupIdentifiers: identifiers } = input;
      if (prefix !== undefined && pattern !== undefined) {
        throw invalidParameter("LogGroup name prefix and LogGroup name pattern are mutually exclusive parameters.");
      }
      if (identifiers !== undefined && (prefix ?? pattern) !== undefined) {
        // The text is unconfirmed.
        throw invalidParameter("LogGroup identifiers cannot be combined with a LogGroup name prefix or pattern.");
      }
      const matching = [...account.logGroups.values()].filter(
        (group) =>
          group.name.startsWith(prefix ?? "") &&
          group.name.includes(pattern ?? "") &&
          (identifiers === undefined || identifiers.includes(group.name) || identifiers.includes(group.arn)) &&
          input.logGroupClass === "STANDARD",
      );
      const { items, next } = page(matching, (group) => group.name, {
        token: input.nextToken,
        size: Math.min(input.limit, account.timing.pageSize),
        invalid: invalidNextToken,
      });
      // With a pattern AWS says no more of a group than this.
      const out = (group: LogGroup) => (pattern === undefined ? groupOut(group) : briefOut(group));
      return { logGroups: items.map(out), nextToken: next };
    },
  ),

  DeleteLogGroup: operation(z.strictObject({ logGroupName }), (account, input) => {
    account.logGroups.delete(findLogGroup(account, input.logGroupName).name);
  }),

  PutRetentionPolicy: operation(
    z.strictObject({ logGroupName, retentionInDays: z.literal(RETENTION_DAYS) }),
    (account, input) => {
      findLogGroup(account, input.logGroupName).retentionInDays = input.retentionInDays;
    },
  ),

  DeleteRetentionPolicy: operation(z.strictObject({ logGroupName }), (account, input) => {
    findLogGroup(account, input.logGroupName).retentionInDays = undefined;
  }),
};

function briefOut(group: LogGroup) {
  return { logGroupName: group.name, creationTime: group.createdAt.getTime(), arn: `${group.arn}:*` };
}

function groupOut(group: LogGroup) {
  return {
    ...briefOut(group),
    retentionInDays: group.retentionInDays,
    metricFilterCount: 0,
    logGroupArn: group.arn,
    logGroupClass: "STANDARD",
    storedBytes: 0,
    deletionProtectionEnabled: false,
  };
}
