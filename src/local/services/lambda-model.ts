import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { LambdaFunction, Permitted } from "../store/lambda.ts";
import { page } from "../wire/pages.ts";
import { operationsOf } from "../wire/service.ts";
import { textInteger } from "../wire/validation.ts";
import { settle } from "./lambda-state.ts";

/** Declares an operation of Lambda. */
export const operation = operationsOf("Lambda", "ValidationException");

/** A name, a partial ARN or an ARN, with or without a qualifier [aws 4]. */
const REFERENCE =
  /^(?:(?:arn:aws[a-zA-Z-]*:lambda:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

export const functionReference = z.string().min(1).max(170).regex(REFERENCE);

/** Items in one page of a listing, whatever MaxItems says [aws 4.1]. */
const PAGE_SIZE = 50;

/** The members a listing takes. */
export const paging = { Marker: z.string().min(1).optional(), MaxItems: textInteger(1, 10_000).optional() };

/** One page of a listing of Lambda. */
export function listing<Item>(
  account: Account,
  items: Iterable<Item>,
  keyOf: (item: Item) => string,
  input: { readonly Marker?: string | undefined; readonly MaxItems?: number | undefined },
) {
  return page(items, keyOf, {
    token: input.Marker,
    size: Math.min(input.MaxItems ?? PAGE_SIZE, PAGE_SIZE, account.timing.pageSize),
    invalid: () => invalidParameter("Invalid Marker"),
  });
}

const qualifier = z
  .string()
  .min(1)
  .max(128)
  .regex(/^(\$LATEST|[a-zA-Z0-9-_$]+)$/);

/** The path label and the qualifier most operations share. */
export const target = { FunctionName: functionReference, Qualifier: qualifier.optional() };

/** How a request names a function. */
export interface Reference {
  readonly FunctionName: string;
  readonly Qualifier?: string | undefined;
}

/**
 * The parts of a reference. A function of another Region is a ResourceNotFoundException, one of another account an
 * AccessDeniedException, two different qualifiers an InvalidParameterValueException.
 */
export function resolveFunction(account: Account, { FunctionName: reference, Qualifier }: Reference) {
  const [, region, owner, name = "", ownQualifier] = REFERENCE.exec(reference) ?? [];
  if (name.length > 64) throw invalid(name, "have length less than or equal to 64");
  if (region !== undefined && region !== account.region) {
    throw notFound(`Functions from '${region}' are not reachable in this region ('${account.region}')`);
  }
  if (owner !== undefined && owner !== account.accountId) {
    throw new AwsError("AccessDeniedException", 403, `The account ${account.accountId} has no access to ${reference}.`);
  }
  if (Qualifier !== undefined && ownQualifier !== undefined && Qualifier !== ownQualifier) {
    throw invalidParameter("The derived qualifier from the function name does not match the specified qualifier.");
  }
  const arn = `arn:aws:lambda:${account.region}:${account.accountId}:function:${name}`;
  return { name, arn, qualifier: Qualifier ?? ownQualifier };
}

/**
 * The function itself, settled as far as its time has come; ResourceNotFoundException when there is none, and for the
 * name of a version or an alias, which these operations do not take.
 */
export function findFunction(account: Account, reference: Reference): LambdaFunction {
  const { name, arn, qualifier } = resolveFunction(account, reference);
  if (qualifier !== undefined && qualifier !== "$LATEST") throw notFound(`Function not found: ${arn}:${qualifier}`);
  const fn = account.functions.get(name);
  if (fn === undefined) throw notFound(`Function not found: ${arn}`);
  settle(account, fn);
  return fn;
}

/** Refuses a revision that is not the current one [aws 4.3]. */
export function checkRevision(fn: Permitted, revisionId: string | undefined, reader = "GetFunction/GetAlias"): void {
  if (revisionId === undefined || revisionId === fn.revisionId) return;
  const message = `The Revision Id provided does not match the latest Revision Id. Call the ${reader} API to retrieve the latest Revision Id`;
  throw new AwsError("PreconditionFailedException", 412, message);
}

export function invalidParameter(message: string): AwsError {
  return new AwsError("InvalidParameterValueException", 400, message);
}

export function notFound(message: string): AwsError {
  return new AwsError("ResourceNotFoundException", 404, message);
}

export function conflict(message: string): AwsError {
  return new AwsError("ResourceConflictException", 409, message);
}

export function tooLarge(message: string): AwsError {
  return new AwsError("RequestEntityTooLargeException", 413, message);
}

/** A name that may not have a qualifier has one. */
export function invalidName(name: string): AwsError {
  return invalid(name, "satisfy regular expression pattern: [a-zA-Z0-9-_]+");
}

function invalid(name: string, rule: string): AwsError {
  const message = `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must ${rule}`;
  return new AwsError("ValidationException", 400, message);
}
