// From whatever was thrown to the one error the user sees: the table of AWS's errors, causes and cures.
import { errorName, httpStatus, requestId } from "./aws/failures.ts";
import { AccessDenied, denialHint } from "./aws/permissions.ts";
import { GatewayError } from "./errors.ts";

interface Situation {
  readonly profile: string | undefined;
  /** Values that must not be shown, wherever they turn up. */
  readonly secrets: readonly string[];
}

interface Rule {
  readonly names: RegExp;
  readonly message?: RegExp;
  readonly code: string;
  explain(message: string, situation: Situation, error: unknown): { readonly message: string; readonly hint: string };
}

const RULES: readonly Rule[] = [
  {
    names: /^(ExpiredToken|ExpiredTokenException|TokenProviderError|RequestExpired)$/,
    code: "ExpiredCredentials",
    explain: (_message, { profile }) => ({
      message: `the AWS credentials of ${profileText(profile)} have expired`,
      hint: `Log in again: aws sso login${profileFlag(profile)}`,
    }),
  },
  {
    names: /^(CredentialsProviderError|SSOTokenProviderFailure)$/,
    message: /expired|sso/i,
    code: "ExpiredCredentials",
    explain: (_message, { profile }) => ({
      message: `the login of ${profileText(profile)} has expired`,
      hint: `Log in again: aws sso login${profileFlag(profile)}`,
    }),
  },
  {
    names: /^CredentialsProviderError$/,
    code: "NoCredentials",
    explain: (_message, { profile }) => ({
      message: `no AWS credentials found for ${profileText(profile)}`,
      hint: `Log in (aws sso login${profileFlag(profile)}), name a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or try it without an account: llm-gw deploy --local`,
    }),
  },
  {
    names: /^(InvalidClientTokenId|UnrecognizedClientException|InvalidAccessKeyId|AuthFailure)$/,
    code: "InvalidCredentials",
    explain: (_message, { profile }) => ({
      message: `AWS does not know the access key of ${profileText(profile)}`,
      hint: `Check the key, or log in again: aws sso login${profileFlag(profile)}`,
    }),
  },
  {
    names: /^(SignatureDoesNotMatch|InvalidSignatureException|RequestTimeTooSkewed)$/,
    code: "InvalidCredentials",
    explain: (_message, { profile }) => ({
      message: `AWS does not accept the signature made with the credentials of ${profileText(profile)}`,
      hint: "The secret key is wrong, or this computer's clock is: compare it with a time server.",
    }),
  },
  {
    names: /^AccessDenied(Exception)?$/,
    code: "AccessDenied",
    explain: (message, _situation, error) => {
      if (!(error instanceof AccessDenied)) return { message, hint: "See the README's section Permissions." };
      const { action, resource } = error.permission;
      return { message: `${action} on ${resource} is denied: ${message}`, hint: denialHint(error) };
    },
  },
  {
    // This error repeats the whole environment [aws 4.3].
    names: /^InvalidParameterValueException$/,
    message: /4KB limit/,
    code: "EnvironmentTooLarge",
    explain: () => ({
      message: "the function's environment is above Lambda's limit of 4 KB",
      hint: "Move large values into the package or a parameter store.",
    }),
  },
  {
    names: /^CodeStorageExceededException$/,
    code: "CodeStorageExceeded",
    explain: (message) => ({ message, hint: "Delete functions or versions that are no longer used." }),
  },
  {
    names: /^(LimitExceededException|LimitExceededFault)$/,
    code: "LimitExceeded",
    explain: (message) => ({ message, hint: "Delete what is no longer used, or raise the quota in Service Quotas." }),
  },
  {
    names: /^(TooManyRequestsException|Throttling|ThrottlingException)$/,
    code: "Throttled",
    explain: () => ({
      message: "AWS still answers that there are too many requests, after several tries",
      hint: "Something else uses the same account heavily. Run the command again in a minute: it goes on where it stopped.",
    }),
  },
];

/** Turns what a command threw into the one error to show. Secrets in it are replaced. */
export function explain(error: unknown, situation: Situation): GatewayError {
  const explained = error instanceof GatewayError ? error : translate(error, situation);
  const { code, exitCode } = explained;
  const hint = explained.quotesAws ? redact(explained.hint ?? "", situation.secrets) : explained.hint;
  const cause = explained.cause ?? error;
  // Only AWS repeats what it was sent; our own messages are made without secrets.
  const message = error instanceof GatewayError ? error.message : redact(explained.message, situation.secrets);
  const details = cause instanceof Error ? redact(cause.stack ?? cause.message, situation.secrets) : undefined;
  return new GatewayError(code, message, {
    exitCode,
    ...(hint === undefined ? {} : { hint }),
    ...(details === undefined ? {} : { details }),
  });
}

function translate(error: unknown, situation: Situation): GatewayError {
  const name = errorName(error) ?? "Error";
  const message = error instanceof Error ? error.message : String(error);
  const rule = RULES.find((one) => one.names.test(name) && (one.message?.test(message) ?? true));
  if (rule !== undefined) {
    const { message: text, hint } = rule.explain(message, situation, error);
    return new GatewayError(rule.code, withRequestId(text, error), { cause: error, hint });
  }
  if (isConnectionFailure(error)) {
    return new GatewayError("NoConnection", `AWS cannot be reached: ${message.trim()}`, {
      cause: error,
      hint: "Check the network, a proxy, the region's name, and AWS_ENDPOINT_URL if it is set.",
    });
  }
  if (isUnreadable(error)) {
    return new GatewayError("NotAws", "what answered is not AWS: its answer cannot be read", {
      cause: error,
      hint: "Check for a proxy or a sign-in page of the network, and AWS_ENDPOINT_URL if it is set.",
    });
  }
  if (httpStatus(error) !== undefined) {
    return new GatewayError(name, withRequestId(`AWS refused the call: ${name}: ${message}`, error), { cause: error });
  }
  return new GatewayError("Internal", `${name}: ${message}`, {
    cause: error,
    hint: "This should not happen. Run it again with --verbose and report what it prints.",
  });
}

/** The network, TLS, a proxy or a wrong AWS_ENDPOINT_URL: AWS has not answered. */
function isConnectionFailure(error: unknown): boolean {
  if (!(error instanceof Error) || httpStatus(error) !== undefined) return false;
  const code = "code" in error ? String(error.code) : "";
  return (
    error.name === "TimeoutError" ||
    code === "ERR_INVALID_URL" ||
    /^(E[A-Z]|HPE_|ERR_TLS|ERR_SSL|CERT_|UNABLE_TO_|DEPTH_|SELF_SIGNED)/.test(code)
  );
}

/** A web page where a service of AWS would have answered JSON or XML: the SDK's parsers throw on it. */
function isUnreadable(error: unknown): boolean {
  return error instanceof Error && "$response" in error && !("$fault" in error);
}

/** Replaces every secret, as it is and as JSON has it, that is long enough to be told from ordinary text. */
function redact(text: string, secrets: readonly string[]): string {
  const forms = secrets.flatMap((secret) => [secret, JSON.stringify(secret).slice(1, -1)]);
  return forms.filter(({ length }) => length >= 4).reduce((left, secret) => left.replaceAll(secret, "***"), text);
}

function withRequestId(message: string, error: unknown): string {
  const id = requestId(error);
  return id === undefined ? message : `${message} (request id ${id})`;
}

function profileText(profile: string | undefined): string {
  return profile === undefined ? "the default profile" : `profile ${profile}`;
}

function profileFlag(profile: string | undefined): string {
  return profile === undefined ? "" : ` --profile ${profile}`;
}
