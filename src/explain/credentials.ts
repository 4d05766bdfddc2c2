// Who the user is: logins, keys, profiles, and the clock that signatures depend on.
import { aws, type Rule, type Situation } from "./rule.ts";

export const CREDENTIALS: readonly Rule[] = [
  {
    code: "ClockSkew",
    matches: (failure) =>
      aws(["RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture"])(failure) ||
      aws(["SignatureDoesNotMatch", "InvalidSignatureException"], /expired|not yet current|in the future/i)(failure),
    explain: () => ({
      message: "this computer's clock differs too much from AWS's",
      hint: "Let it set its time from a time server, then run the command again.",
    }),
  },
  {
    code: "ExpiredCredentials",
    matches: aws(["ExpiredToken", "ExpiredTokenException", "TokenProviderError"]),
    explain: (_failure, situation) => ({
      message: `the AWS credentials of ${profileText(situation)} have expired`,
      hint: `Log in again: ${login(situation)}`,
    }),
  },
  {
    code: "ExpiredCredentials",
    matches: aws(["CredentialsProviderError", "SSOTokenProviderFailure"], /expired|sso/i),
    explain: (_failure, situation) => ({
      message: `the login of ${profileText(situation)} has expired`,
      hint: `Log in again: ${login(situation)}`,
    }),
  },
  {
    code: "NoCredentials",
    matches: aws(["CredentialsProviderError"]),
    explain: (_failure, situation) => ({
      message: `no AWS credentials found for ${profileText(situation)}`,
      hint: `${situation.profile === undefined ? "" : "Check that it is a profile (aws configure list-profiles). "}Log in (${login(situation)}), name a profile with --profile, set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or try it without an account: llm-gw deploy --local`,
    }),
  },
  {
    code: "InvalidCredentials",
    matches: aws(["InvalidClientTokenId", "UnrecognizedClientException", "InvalidAccessKeyId", "AuthFailure"]),
    explain: (_failure, situation) => ({
      message: `AWS does not know the access key of ${profileText(situation)}`,
      hint: `Check the key, or log in again: ${login(situation)}. A region that the account has not enabled answers so as well.`,
    }),
  },
  {
    code: "InvalidCredentials",
    matches: aws(["SignatureDoesNotMatch", "InvalidSignatureException", "IncompleteSignature"]),
    explain: (_failure, situation) => ({
      message: `AWS does not accept the signature made with the credentials of ${profileText(situation)}`,
      hint: "The secret key is wrong, or this computer's clock is: compare it with a time server.",
    }),
  },
  {
    code: "AccountNotReady",
    matches: aws(["OptInRequired", "OptInRequiredException", "SubscriptionRequiredException"]),
    explain: ({ message }) => ({
      message: `the account may not use this service here: ${message}`,
      hint: "Enable the region in the account's settings, or finish the account's sign-up.",
    }),
  },
];

function login({ profile }: Situation): string {
  return `aws sso login${profile === undefined ? "" : ` --profile ${profile}`}`;
}

function profileText({ profile }: Situation): string {
  return profile === undefined ? "the default profile" : `profile ${profile}`;
}
