import type { ProcessEnd } from "./function-process.ts";

/** What a caller gets when the function gave no answer of its own: the payload of a function error. */
export interface Failure {
  readonly errorType: string;
  readonly errorMessage: string;
}

const SIGNAL_NAMES: Readonly<Record<string, string>> = {
  SIGABRT: "aborted",
  SIGKILL: "killed",
  SIGSEGV: "segmentation fault",
  SIGTERM: "terminated",
};

/** This machine cannot run the function at all: a runtime we do not know, a missing interpreter, a damaged package. */
export function cannotRun(runtime: string, reason?: string): Failure {
  const why = reason === undefined ? "" : `: ${reason}`;
  return { errorType: "Runtime.Unavailable", errorMessage: `runtime ${runtime} cannot run on the local AWS${why}` };
}

export function timedOut(requestId: string, timeoutSeconds: number): Failure {
  return {
    errorType: "Sandbox.Timedout",
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  };
}

/** Lambda words an exit with status 0 differently: nothing went wrong, yet no answer came. */
export function exited(requestId: string, end: ProcessEnd): Failure {
  return { errorType: "Runtime.ExitError", errorMessage: `RequestId: ${requestId} Error: ${exitReason(end)}` };
}

export function responseTooLarge(maxBytes: number): Failure {
  return {
    errorType: "Function.ResponseSizeTooLarge",
    errorMessage: `Response payload size exceeded maximum allowed payload size (${maxBytes} bytes).`,
  };
}

function exitReason({ code, signal }: ProcessEnd): string {
  if (signal !== null) {
    return `Runtime exited with error: signal: ${SIGNAL_NAMES[signal] ?? signal}`;
  }
  return code === 0 ? "Runtime exited without providing a reason" : `Runtime exited with error: exit status ${code}`;
}
