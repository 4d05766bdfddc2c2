import * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { Account, LambdaFunction } from "../store.ts";
import { operationsOf } from "../wire/service.ts";
import { settle } from "./lambda-state.ts";

/** Declares an operation of Lambda. */
export const operation = operationsOf("Lambda", "ValidationException");

/** A name, a partial ARN or an ARN, with or without a qualifier [aws 4]. */
const REFERENCE =
  /^(?:(?:arn:aws[a-zA-Z-]*:lambda:([a-z]{2}(?:-[a-z]+)+-\d):)?(?:(\d{12}):)?function:)?([a-zA-Z0-9-_]+)(?::(\$LATEST|[a-zA-Z0-9-_]+))?$/;

export const functionReference = z.string().min(1).max(170).regex(REFERENCE);

/** The path label and the qualifier most operations share. */
export const target = { FunctionName: functionReference, Qualifier: z.string().min(1).max(128).optional() };

export interface FunctionReference {
  readonly name: string;
  readonly arn: string;
}

/**
 * What a reference names in this account and Region. Another Region or a version that does not exist is a
 * ResourceNotFoundException, another account an AccessDeniedException.
 */
export function resolveFunction(account: Account, reference: string, qualifier?: string): FunctionReference {
  const [, region, owner, name = "", ownQualifier] = REFERENCE.exec(reference) ?? [];
  if (name.length > 64) throw nameTooLong(name);
  if (region !== undefined && region !== account.region) {
    throw notFound(`Functions from '${region}' are not reachable in this region ('${account.region}')`);
  }
  if (owner !== undefined && owner !== account.accountId) {
    throw new AwsError("AccessDeniedException", 403, `The account ${account.accountId} has no access to ${reference}.`);
  }
  const arn = `arn:aws:lambda:${account.region}:${account.accountId}:function:${name}`;
  const version = qualifier ?? ownQualifier;
  if (version !== undefined && version !== "$LATEST") throw notFound(`Function not found: ${arn}:${version}`);
  return { name, arn };
}

/** The function, settled as far as its time has come; ResourceNotFoundException when there is none. */
export function findFunction(
  account: Account,
  input: { readonly FunctionName: string; readonly Qualifier?: string | undefined },
): LambdaFunction {
  const { name, arn } = resolveFunction(account, input.FunctionName, input.Qualifier);
  const fn = account.functions.get(name);
  if (fn === undefined) throw notFound(`Function not found: ${arn}`);
  settle(account, fn);
  return fn;
}

/** Refuses a revision that is not the current one [aws 4.3]. */
export function checkRevision(
  fn: LambdaFunction,
  revisionId: string | undefined,
  reader = "GetFunction/GetAlias",
): void {
  if (revisionId === undefined || revisionId === fn.revisionId) return;
  const message = `The Revision Id provided does not match the latest Revision Id. Call the ${reader} API to retrieve the latest Revision Id`;
  throw new AwsError("PreconditionFailedException", 412, message);
}

export function refusePublish(publish: boolean | undefined): void {
  if (publish) throw notImplemented("published versions of Lambda functions");
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

function nameTooLong(name: string): AwsError {
  const message = `1 validation error detected: Value '${name}' at 'functionName' failed to satisfy constraint: Member must have length less than or equal to 64`;
  return new AwsError("ValidationException", 400, message);
}
