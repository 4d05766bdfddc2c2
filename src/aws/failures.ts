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

const NETWORK = /^(ECONNRESET|ECONNREFUSED|ECONNABORTED|EPIPE|ETIMEDOUT|EAI_AGAIN)$/;

function isNetworkFailure(error: Error): boolean {
  return (
    error.name === "TimeoutError" || ("code" in error && typeof error.code === "string" && NETWORK.test(error.code))
  );
}

/** Nobody knows whether the call took effect: its answer was lost, or was a 5xx [aws 1 rule 3]; or it was throttled. */
export function isUnanswered(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const status = httpStatus(error);
  return (
    isNetworkFailure(error) || status === 429 || (status !== undefined && status >= 500) || error.name === "Throttling"
  );
}

const MOVED = [
  "EntityAlreadyExistsException",
  "ResourceAlreadyExistsException",
  "OperationAbortedException",
  "ConcurrentModificationException",
  "ConflictException",
  ...NOT_FOUND,
];

/**
 * Whether reading again and sending what is then missing can cure this: the answer was lost, or somebody
 * created, changed or deleted the thing since it was read. Denied and invalid requests never are.
 */
export function isWorthAnotherLook(error: unknown): boolean {
  return (
    isUnanswered(error) ||
    isError(error, MOVED) ||
    isError(error, ["ResourceConflictException"], /already exist|concurrent update|in progress|following state/i)
  );
}

/**
 * What an API Gateway call needed is gone: another run removed it as a duplicate, or a hand did. Only looking at
 * everything anew helps.
 */
export function isStale(error: unknown): boolean {
  return (
    isError(error, ["NotFoundException"]) ||
    isError(error, ["BadRequestException"], /invalid (target|(integration|deployment) identifier)/i)
  );
}
