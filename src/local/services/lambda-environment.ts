import { AwsError } from "../aws-error.ts";
import { invalidParameter } from "./lambda-model.ts";

/** Names Lambda sets itself [aws 4.2]. */
const RESERVED: ReadonlySet<string> = new Set([
  "_HANDLER",
  "_X_AMZN_TRACE_ID",
  "AWS_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "AWS_DEFAULT_REGION",
  "AWS_EXECUTION_ENV",
  "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
  "AWS_LAMBDA_FUNCTION_NAME",
  "AWS_LAMBDA_FUNCTION_VERSION",
  "AWS_LAMBDA_INITIALIZATION_TYPE",
  "AWS_LAMBDA_LOG_GROUP_NAME",
  "AWS_LAMBDA_LOG_STREAM_NAME",
  "AWS_LAMBDA_RUNTIME_API",
  "AWS_REGION",
  "AWS_SECRET_ACCESS_KEY",
  "AWS_SESSION_TOKEN",
  "LAMBDA_RUNTIME_DIR",
  "LAMBDA_TASK_ROOT",
]);

const NAME = "[a-zA-Z]([a-zA-Z0-9_])+";

/** Bytes of the whole map as JSON [aws 4.2]. */
const LIMIT = 4096;

/** Refuses the environment variables Lambda refuses, in Lambda's words. */
export function checkEnvironment(variables: Readonly<Record<string, string>>): void {
  const names = Object.keys(variables);
  const reserved = names.filter((name) => RESERVED.has(name));
  const refused =
    "Lambda was unable to configure your environment variables because the environment variables you have provided";
  if (reserved.length > 0) {
    throw invalidParameter(
      `${refused} contains reserved keys that are currently not supported for modification. Reserved keys used in this request: ${reserved.join(", ")}`,
    );
  }
  const pattern = new RegExp(`^${NAME}$`);
  if (names.some((name) => !pattern.test(name))) {
    throw new AwsError(
      "ValidationException",
      400,
      `1 validation error detected: Value at 'environment.variables' failed to satisfy constraint: Map keys must satisfy constraint: [Member must satisfy regular expression pattern: ${NAME}]`,
    );
  }
  const json = JSON.stringify(variables);
  // [aws 4.3] AWS really answers the whole map, secrets and all; callers have to redact it.
  if (Buffer.byteLength(json) > LIMIT)
    throw invalidParameter(`${refused} exceeded the 4KB limit. String measured: ${json}`);
}
