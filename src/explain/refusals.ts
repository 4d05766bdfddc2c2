// What AWS refuses for its own reasons: permissions, quotas, rates, and settings it does not take [aws 3-5, 10].
import { isQuota } from "../aws/failures.ts";
import { AccessDenied, denialHint } from "../aws/permissions.ts";
import { aws, type Rule } from "./rule.ts";

const INVALID = ["InvalidParameterValueException", "ValidationException"];
const LEAVE_OUT = "Leave out what the function does not need with a .llmgwignore file (gitignore syntax).";
const GOES_ON = "Run the command again in a minute: it goes on where it stopped.";

export const REFUSALS: readonly Rule[] = [
  {
    code: "AccessDenied",
    matches: aws(["AccessDenied", "AccessDeniedException"]),
    explain: ({ error, message }) => {
      if (!(error instanceof AccessDenied)) return { message, hint: "See the README's section Permissions." };
      const { action, resource } = error.permission;
      return { message: `${action} on ${resource} is denied: ${message}`, hint: denialHint(error) };
    },
  },
  {
    code: "AccessDenied",
    matches: aws(["BadRequestException"], /insufficient permissions to enable logging/i),
    explain: () => ({
      message: "access logs may not be switched on with these credentials",
      hint: "That takes logs:CreateLogDelivery, logs:PutResourcePolicy and the other log delivery actions; see README, section Permissions.",
    }),
  },
  {
    // This error repeats the whole environment [aws 4.3].
    code: "EnvironmentTooLarge",
    matches: aws(INVALID, /4KB limit/),
    explain: () => ({
      message: "the function's environment is above Lambda's limit of 4 KB",
      hint: "Move large values into the package or a parameter store.",
    }),
  },
  {
    code: "EnvironmentReserved",
    matches: aws(INVALID, /reserved keys/i),
    explain: ({ message }) => ({
      message: `Lambda keeps a name of the environment for itself: ${/Reserved keys[^:]*: *(.+)$/i.exec(message)?.[1] ?? message}`,
      hint: "Give that variable another name.",
    }),
  },
  {
    code: "RuntimeNotSupported",
    matches: aws(INVALID, /runtime parameter of .* is no longer supported|'runtime' failed to satisfy/i),
    explain: ({ message }) => ({
      message: `Lambda does not take this runtime: ${message}`,
      hint: "Choose one that it takes, for example --runtime python3.13 or --runtime nodejs24.x; the newest are not in every region yet.",
    }),
  },
  {
    code: "CodeNotZip",
    matches: aws(INVALID, /could not unzip/i),
    explain: () => ({
      message: "Lambda cannot unpack the package",
      hint: "Make the zip anew, or give the folder itself with --code.",
    }),
  },
  {
    code: "CodeTooLarge",
    matches: aws(INVALID, /unzipped size must be/i),
    explain: () => ({
      message: "the code is above 250 MB unzipped, layers included, the most Lambda takes",
      hint: LEAVE_OUT,
    }),
  },
  {
    code: "CodeTooLarge",
    matches: aws(["RequestEntityTooLargeException", "RequestTooLargeException"]),
    explain: () => ({ message: "the package is above 50 MB zipped, the most Lambda takes", hint: LEAVE_OUT }),
  },
  {
    code: "CodeStorageExceeded",
    matches: aws(["CodeStorageExceededException"]),
    explain: ({ message }) => ({ message, hint: "Delete functions or versions that are no longer used." }),
  },
  {
    code: "RoleNotAssumable",
    matches: aws(INVALID, /cannot be assumed by Lambda/i),
    explain: () => ({
      message: "Lambda still cannot assume the function's role",
      hint: "A new role can take minutes to arrive everywhere: run the command again. If it stays so, a policy of the organization may stand against it.",
    }),
  },
  {
    code: "PolicyTooLarge",
    matches: aws(["PolicyLengthExceededException"]),
    explain: () => ({
      message: "the function's resource policy is above Lambda's limit of 20 KB",
      hint: "Others have added permissions to this function: remove what nobody needs (aws lambda get-policy, remove-permission).",
    }),
  },
  {
    code: "InvalidPolicy",
    matches: aws(["MalformedPolicyDocumentException", "MalformedPolicyDocument"]),
    explain: ({ message }) => ({
      message: `IAM does not take the function's policy: ${message}`,
      hint: 'It names the models: check "models" in llm-gw.json.',
    }),
  },
  {
    code: "PolicyNotAttachable",
    matches: (failure) =>
      aws(["PolicyNotAttachableException"])(failure) ||
      aws(["NoSuchEntityException"], /does not exist or is not attachable/i)(failure),
    explain: ({ message }) => ({
      message,
      hint: "AWSLambdaBasicExecutionRole is AWS's own policy: a policy of the organization may hide it from this account.",
    }),
  },
  {
    code: "RoleInUse",
    matches: aws(["DeleteConflictException", "UnmodifiableEntityException"]),
    explain: ({ message }) => ({
      message: `IAM does not let go of the role: ${message}`,
      hint: "Somebody else uses it, for example an instance profile: take it out there, then run the command again.",
    }),
  },
  {
    code: "LogGroupProtected",
    matches: (failure) => /deletion ?protection/i.test(failure.message) && failure.status !== undefined,
    explain: () => ({
      message: "the log group is protected from deletion",
      hint: "Switch its deletion protection off, or leave the logs: llm-gw destroy --keep-logs",
    }),
  },
  {
    code: "InvalidIssuer",
    matches: aws(["BadRequestException"], /invalid issuer|openid-configuration/i),
    explain: ({ message }) => ({
      message: `API Gateway cannot use the issuer of the tokens: ${message}`,
      hint: "It asks the issuer's /.well-known/openid-configuration itself: the URL has to be public, https, and exactly the tokens' iss.",
    }),
  },
  {
    code: "LogPolicyFull",
    matches: aws(["BadRequestException"], /cannot enable logging/i),
    explain: () => ({
      message: "the account's policy for log delivery, AWSLogDeliveryWrite20150319, is full",
      hint: "Remove log groups that no longer exist from it: aws logs describe-resource-policies shows it.",
    }),
  },
  {
    code: "LimitExceeded",
    matches: ({ error }) => isQuota(error),
    explain: ({ message }) => ({
      message: `a quota of the account is used up: ${message}`,
      hint: "Delete what is no longer used, or raise the quota in Service Quotas.",
    }),
  },
  {
    code: "Throttled",
    matches: aws([
      ...["TooManyRequestsException", "Throttling", "ThrottlingException", "ThrottledException"],
      ...["RequestLimitExceeded", "RequestThrottled", "SlowDown"],
    ]),
    explain: () => ({
      message: "AWS still answers that there are too many requests, after several tries",
      hint: `Something else uses the same account heavily. ${GOES_ON}`,
    }),
  },
  {
    code: "Busy",
    matches: (failure) =>
      aws(["ResourceConflictException"], /in progress|following state|concurrent update/i)(failure) ||
      aws(["ConflictException"], /concurrent modification/i)(failure) ||
      aws(["ConcurrentModificationException", "OperationAbortedException"])(failure),
    explain: ({ message }) => ({
      message: `something else changes the same resource: ${message}`,
      hint: GOES_ON,
    }),
  },
  {
    // Without a body, the SDK knows no better name than UnknownError [aws 1 rule 9].
    code: "AwsFailed",
    matches: ({ status }) => status !== undefined && status >= 500,
    explain: ({ status, name, message }) => ({
      message: `AWS failed to answer, with status ${status}: ${name === message ? name : `${name}: ${message}`}`,
      hint: `${GOES_ON} If it stays so: https://health.aws.amazon.com/health/status`,
    }),
  },
];
