/** What is known of an error, of whatever origin. */
export interface Failure {
  readonly error: unknown;
  /** The SDK's name of an error of AWS, like AccessDenied; "Error" for most others. */
  readonly name: string;
  /** Node's code, like ENOSPC; "" where there is none. */
  readonly code: string;
  /** What the operating system was asked, like "open" or "connect"; "" where it was nothing. */
  readonly syscall: string;
  readonly message: string;
  /** Of AWS's answer; undefined when there was none. */
  readonly status: number | undefined;
}

/** Where the error happened. */
export interface Situation {
  readonly profile: string | undefined;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Values that must not be shown, wherever they turn up. */
  readonly secrets: readonly string[];
  /** What everybody may see, also where it has the value of a secret in it: with MODE=prod, llm-gw-prod stays readable. */
  readonly names: readonly string[];
}

/** One line of the table: which errors it is about, and what the user is told. */
export interface Rule {
  /** Stable, for scripts. */
  readonly code: string;
  matches(failure: Failure): boolean;
  explain(failure: Failure, situation: Situation): { readonly message: string; readonly hint: string };
}

/** Errors of AWS with one of these names and, when given, a message that matches. */
export function aws(names: readonly string[], message?: RegExp): Rule["matches"] {
  return (failure) => names.includes(failure.name) && (message === undefined || message.test(failure.message));
}
