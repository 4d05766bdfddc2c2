import type { Terminal } from "./io.ts";
import { paintFor, wrapped } from "./text.ts";

/**
 * How a run ends: 1 it failed, 2 it was called wrongly, 3 `status --check` found work, 130 it was interrupted. Ctrl-C is
 * how `dev` and `local` end: with 0.
 */
export type ExitCode = 1 | 2 | 3 | 130;

/** What a gateway or its function answered that is an error, for scripts. */
export interface FailedAnswer {
  /** Left out: the function itself was called, and has none. */
  readonly status?: number;
  readonly requestId?: string | undefined;
  /** The code in the answer, like model_not_found, or the type of what a function threw. */
  readonly errorType?: string | undefined;
}

interface ErrorDetails {
  /** What to do about it, in one or two sentences. */
  readonly hint?: string;
  readonly exitCode?: ExitCode;
  readonly cause?: unknown;
  /** For --verbose: the stack of the cause. No secret either. */
  readonly details?: string;
  readonly answer?: FailedAnswer | undefined;
}

/**
 * The one error a user sees. `code` is stable and meant for scripts, `message` says what is wrong,
 * `hint` says what to do about it. What quotes others may contain a secret until explain() has replaced it.
 */
export class GatewayError extends Error {
  readonly code: string;
  readonly hint: string | undefined;
  readonly exitCode: ExitCode;
  readonly details: string | undefined;
  readonly answer: FailedAnswer | undefined;

  constructor(code: string, message: string, options: ErrorDetails = {}) {
    const { hint, exitCode = 1, cause, details, answer } = options;
    super(message, { cause });
    this.name = "GatewayError";
    this.code = code;
    this.hint = hint;
    this.exitCode = exitCode;
    this.details = details;
    this.answer = answer;
  }
}

/** The command line or the configuration is wrong; nothing was called. */
export function usageError(message: string, hint?: string): GatewayError {
  return new GatewayError("Usage", message, hint === undefined ? { exitCode: 2 } : { exitCode: 2, hint });
}

/** The error as people see it, ending with a line break: what is wrong, and what to do about it. */
export function errorText(
  { message, hint }: Pick<GatewayError, "message" | "hint">,
  terminal: Terminal | undefined,
): string {
  const paint = paintFor(terminal);
  const lines = [
    wrapped(`${paint("red", "error:")} ${message}`, terminal),
    ...(hint === undefined ? [] : [wrapped(`${paint("cyan", "hint:")} ${hint}`, terminal)]),
  ];
  return `${lines.join("\n")}\n`;
}
