import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Role } from "../store/iam.ts";
import { operationsOf } from "../wire/service.ts";
import { textInteger } from "../wire/validation.ts";

/** Declares an operation of IAM. */
export const operation = operationsOf("IAM", "ValidationError", "MalformedInput");

export const roleName = z
  .string()
  .min(1)
  .max(64)
  .regex(/^[\w+=,.@-]+$/);

export const policyName = z
  .string()
  .min(1)
  .max(128)
  .regex(/^[\w+=,.@-]+$/);

/** IAM limits a document's length here only; the real quotas count what is not white space [aws 3.1, 3.2]. */
export const policyDocument = z
  .string()
  .min(1)
  .max(131_072)
  .regex(/^[\t\n\r\u0020-\u00FF]+$/);

export const policyArn = z.string().min(20).max(2048);

export const paging = { Marker: z.string().min(1).optional(), MaxItems: textInteger(1, 1000).optional() };

/** Tags or their keys in the query protocol, at most 50 in one call [aws 3.1]; an empty list arrives as an empty text. */
export function memberList<Item extends z.ZodType>(item: Item) {
  return z.preprocess((value) => (value === "" ? [] : value), z.array(item).max(50));
}

/** The role; NoSuchEntity when there is none of this very name. */
export function findRole(account: Account, name: string): Role {
  const role = account.roles.get(name.toLowerCase());
  if (role?.name !== name) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError("NoSuchEntity", 404, message);
}

export function limitExceeded(message: string): AwsError {
  return new AwsError("LimitExceeded", 409, message);
}

export function invalidMarker(): AwsError {
  return new AwsError("ValidationError", 400, "Invalid Marker.");
}
