// From whatever was thrown to the one error the user sees. What is known of errors stands in explain/, one table a subject.
import { errorName, httpStatus, requestId } from "./aws/failures.ts";
import { GatewayError } from "./errors.ts";
import { CONNECTION } from "./explain/connection.ts";
import { CREDENTIALS } from "./explain/credentials.ts";
import { MACHINE } from "./explain/machine.ts";
import { REFUSALS } from "./explain/refusals.ts";
import type { Failure, Rule, Situation } from "./explain/rule.ts";
import { member } from "./json.ts";

/** The first that matches explains. */
const RULES: readonly Rule[] = [...CREDENTIALS, ...MACHINE, ...CONNECTION, ...REFUSALS];

/** Turns what a command threw into the one error to show. Secrets in it are replaced: some errors quote what AWS or a function says. */
export function explain(error: unknown, situation: Situation): GatewayError {
  const explained = error instanceof GatewayError ? error : translate(error, situation);
  const { code, exitCode, message, hint, answer } = explained;
  const cause = explained.cause ?? error;
  const hide = (text: string) => redact(text, situation);
  return new GatewayError(code, hide(message), {
    exitCode,
    answer: answer && { ...answer, errorType: answer.errorType && hide(answer.errorType) },
    ...(hint === undefined ? {} : { hint: hide(hint) }),
    ...(cause instanceof Error ? { details: hide(cause.stack ?? cause.message) } : {}),
  });
}

function translate(error: unknown, situation: Situation): GatewayError {
  const failure = failureOf(error);
  const { name, message } = failure;
  const rule = RULES.find((one) => one.matches(failure));
  if (rule !== undefined) {
    const { message: text, hint } = rule.explain(failure, situation);
    return new GatewayError(rule.code, withRequestId(text, error), { cause: error, hint });
  }
  if (failure.status !== undefined) {
    return new GatewayError(name, withRequestId(`AWS refused the call: ${name}: ${message}`, error), {
      cause: error,
      hint: "What AWS says should tell why. --verbose shows which call it was.",
    });
  }
  return new GatewayError("Internal", `${name}: ${message}`, {
    cause: error,
    hint: "This should not happen. Run it again with --verbose and report what it prints.",
  });
}

function failureOf(error: unknown): Failure {
  const text = (name: string) => {
    const value = member(error, name);
    return typeof value === "string" ? value : "";
  };
  return {
    error,
    name: errorName(error) ?? "Error",
    code: text("code"),
    syscall: text("syscall"),
    message: error instanceof Error ? error.message : String(error),
    status: httpStatus(error),
  };
}

/** Replaces every secret, as it is and as JSON has it, that is long enough to be told from ordinary text. */
function redact(text: string, { secrets, names }: Situation): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return (
    forms
      .filter(({ length }) => length >= 4)
      // One that begins another would leave the rest of that one.
      .sort((a, b) => b.length - a.length)
      .reduce((left, secret) => starred(left, secret, names), text)
  );
}

/** @param names in which the secret may stand: everybody can read it there */
function starred(text: string, secret: string, names: readonly string[]): string {
  const [name, ...others] = names.filter((one) => one.includes(secret));
  if (name === undefined) return text.replaceAll(secret, "***");
  return text
    .split(name)
    .map((part) => starred(part, secret, others))
    .join(name);
}

function withRequestId(message: string, error: unknown): string {
  const id = requestId(error);
  return id === undefined ? message : `${message} (request id ${id})`;
}
