import * as z from "zod";
import { parseJson } from "../parse-json.ts";
import type { Failure } from "./failures.ts";
import { failed, type Outcome } from "./outcome.ts";

/** Why a request, or the start of a process, ended without an answer of the handler. */
export interface Breakdown {
  readonly outcome: Outcome;
  /** `Status: ` of the REPORT line. */
  readonly status: string;
  /** What AWS writes into the log. */
  readonly logLine: string | undefined;
}

/**
 * Failures AWS itself notices. The log tells of an exit, and of what this machine cannot run; that a request was too late only
 * its REPORT line does.
 */
export function brokenBy(failure: Failure): Breakdown {
  const { errorType, errorMessage } = failure;
  return {
    outcome: failed(failure),
    status: errorType === "Sandbox.Timedout" ? "timeout" : `error\tError Type: ${errorType}`,
    logLine: errorType === "Sandbox.Timedout" ? undefined : `${errorMessage}\n${errorType}`,
  };
}

const reported = z.object({ errorType: z.string() }).catch({ errorType: "Runtime.Unknown" });

/** What the runtime reported when it could not load the handler; it has written about it itself. */
export function brokenStart(report: Buffer): Breakdown {
  const { errorType } = reported.parse(parseJson(report.toString()));
  const status = `error\tError Type: ${errorType}`;
  return { outcome: { payload: report, functionError: "Unhandled" }, status, logLine: undefined };
}
