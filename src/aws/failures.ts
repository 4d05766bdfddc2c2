// Questions about what an AWS call threw. The SDK's classes do not cover every error (IAM's AccessDenied,
// Lambda's ValidationException), so names and statuses are compared, never classes [aws 1.1].

import { member } from "../json.ts";

interface ServiceFailure {
  readonly name: string;
  readonly message: string;
}

/** The name of an error as the SDK exposes it, or undefined for anything that is not an error. */
export function errorName(error: unknown): string | undefined {
  return error instanceof Error ? error.name : undefined;
}

/** Whether `error` has one of these names and, when given, a message that matches. */
export function isError(error: unknown, names: readonly string[], message?: RegExp): error is ServiceFailure {
  return error instanceof Error && names.includes(error.name) && (message === undefined || message.test(error.message));
}

/** The HTTP status of AWS's answer; undefined when there was none. */
export function httpStatus(error: unknown): number | undefined {
  const status = member(member(error, "$metadata"), "httpStatusCode");
  return typeof status === "number" ? status : undefined;
}

/** AWS's id of the failed request; undefined when there was no answer. */
export function requestId(error: unknown): string | undefined {
  const id = member(member(error, "$metadata"), "requestId");
  return typeof id === "string" ? id : undefined;
}

/** The caller lacks a permission [aws 1.1]. */
export function isAccessDenied(error: unknown): error is Error {
  return error instanceof Error && isError(error, ["AccessDenied", "AccessDeniedException"]);
}

const NOT_FOUND = ["NoSuchEntityException", "ResourceNotFoundException", "NotFoundException"];

/** The thing, or what contains it, does not exist. */
function isNotFound(error: unknown): boolean {
  return isError(error, NOT_FOUND);
}

/** Runs a read or a removal; "not found" becomes undefined, everything else is thrown. */
export async function unlessMissing<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await call;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

const NETWORK = /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|ENETUNREACH|EHOSTUNREACH|ENOTFOUND|EAI_AGAIN)$/;

function isNetworkFailure(error: Error): boolean {
  return (
    error.name === "TimeoutError" || ("code" in error && typeof error.code === "string" && NETWORK.test(error.code))
  );
}

/** Nobody knows whether the call took effect: its answer was lost, or was a 5xx [aws 1 rule 3]. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = httpStatus(error);
  return isNetworkFailure(error) || (status !== undefined && status >= 500);
}

/**
 * A quota of the account is used up: no wait lifts it, and nobody else's change is the cause [aws 1.1]. API Gateway says so
 * with the name of a conflict and the status of a throttled call.
 */
export function isQuota(error: unknown): boolean {
  return (
    isError(error, ["LimitExceededException", "LimitExceededFault", "ServiceQuotaExceededException"]) ||
    isError(error, ["BadRequestException", "ConflictException", "TooManyRequestsException"], /maximum number of/i)
  );
}

/** IAM's "not found" for a policy that it lets nobody attach: reading again does not cure it. */
const NOT_ATTACHABLE = /not attachable/i;

const MOVED = [
  "EntityAlreadyExistsException",
  "ResourceAlreadyExistsException",
  "OperationAbortedException",
  "ConcurrentModificationException",
  "ConflictException",
  ...NOT_FOUND,
];

/**
 * Somebody created, changed or deleted the thing, or what it needs, since it was read: reading again and sending what is
 * then missing cures it. Denied, invalid and throttled requests never are.
 */
export function isOvertaken(error: unknown): error is Error {
  if (isQuota(error) || isError(error, MOVED, NOT_ATTACHABLE)) return false;
  return (
    isError(error, MOVED) ||
    isError(error, ["ResourceConflictException"], /already exist|concurrent update|in progress|following state/i) ||
    isStale(error)
  );
}

/** What the run had settled was changed before the run could use it. */
export class ChangedMeanwhile extends Error {
  /** @param what "the routes" */
  constructor(what: string) {
    super(`something else has changed ${what} in the meantime`);
  }
}

/**
 * What an API Gateway call needed is gone or no longer so: another run removed it as a duplicate, or a hand changed it.
 * Only looking at everything anew helps.
 */
export function isStale(error: unknown): error is Error {
  return (
    error instanceof ChangedMeanwhile ||
    isError(error, ["NotFoundException"]) ||
    isError(error, ["BadRequestException"], /invalid (target|(integration|deployment) identifier)/i)
  );
}
