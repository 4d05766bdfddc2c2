import { randomUUID } from "node:crypto";
import { AwsError } from "../aws-error.ts";
import type { FunctionVersion } from "../function-version.ts";
import type { Account } from "../store/account.ts";
import type { FunctionState, LambdaFunction } from "../store/lambda.ts";

/** Ends a creation or an update whose time has come. Every look at a function goes through here [aws 4.4]. */
export function settle(account: Account, fn: FunctionState): void {
  if (fn.change === undefined || Date.now() < fn.change.settlesAt) return;
  fn.change = undefined;
  // Seen on AWS by localstack: a published version keeps its revision when it becomes active.
  if (fn.version === "$LATEST") fn.revisionId = randomUUID();
  fn.serving = serve(account, fn);
}

/** Starts a change; until it settles the function serves what it served before. */
export function startChange(account: Account, fn: LambdaFunction, kind: "create" | "update"): void {
  const now = new Date();
  fn.change = { kind, settlesAt: now.getTime() + account.timing.functionSettleMs };
  fn.revisionId = randomUUID();
  fn.lastModified = now;
}

/** Refuses what AWS refuses while a function is being created [aws 4.4]. */
export function refuseWhilePending(fn: FunctionState): void {
  if (fn.change?.kind === "create") throw pending();
}

export function pending(): AwsError {
  return busy("The function is currently in the following state: Pending");
}

/** Refuses what AWS refuses while a function is being created or updated [aws 4.4]. */
export function refuseWhileChanging(fn: LambdaFunction): void {
  refuseWhilePending(fn);
  if (fn.change !== undefined) throw busy(`An update is in progress for resource: ${fn.arn}`);
}

/** The members that tell a function's state. Before it is active, AWS names no LastUpdateStatus. */
export function stateOut(fn: FunctionState): object {
  // The reason really speaks of a creation in both cases.
  const reason = "The function is being created.";
  switch (fn.change?.kind) {
    case "create":
      return { State: "Pending", StateReason: reason, StateReasonCode: "Creating" };
    case "update":
      return {
        State: "Active",
        LastUpdateStatus: "InProgress",
        LastUpdateStatusReason: reason,
        LastUpdateStatusReasonCode: "Creating",
      };
    default:
      return { State: "Active", LastUpdateStatus: "Successful" };
  }
}

/** What invocations of the state run from now on. */
export function serve(account: Account, fn: FunctionState): FunctionVersion {
  return {
    functionName: fn.name,
    functionArn: fn.arn,
    version: fn.version,
    runtime: fn.settings.runtime,
    handler: fn.settings.handler,
    zip: fn.code.zip,
    environment: fn.settings.environment ?? {},
    timeoutSeconds: fn.settings.timeoutSeconds,
    memoryMb: fn.settings.memoryMb,
    logGroup: fn.settings.logGroup,
    roleArn: fn.settings.role,
    region: account.region,
    endpointUrl: account.url,
    revisionId: fn.revisionId,
  };
}

function busy(why: string): AwsError {
  return new AwsError("ResourceConflictException", 409, `The operation cannot be performed at this time. ${why}`);
}
