import { bootstrapPaths } from "../bootstrap-paths.ts";
import { FUNCTION_ACCESS_KEY_ID, FUNCTION_SECRET_ACCESS_KEY, functionToken } from "../credentials.ts";
import type { FunctionVersion } from "../function-version.ts";
import type { Program } from "./function-process.ts";

interface Surroundings {
  readonly folder: string;
  readonly runtimeApi: string;
  readonly logStream: string;
  readonly nodePath: string;
}

export type Interpreter = "node" | "python3";

/** The interpreter of a runtime on this machine; undefined: the local AWS cannot run it. */
export function interpreterOf(runtime: string): Interpreter | undefined {
  if (runtime.startsWith("nodejs")) {
    return "node";
  }
  return runtime.startsWith("python") ? "python3" : undefined;
}

/** How to start a process of the function. The host's own environment stays out of it: it may hold real secrets. */
export function programOf(fn: FunctionVersion, interpreter: Interpreter, around: Surroundings): Program {
  const command = interpreter === "node" ? around.nodePath : "python3";
  // -u: what a handler prints is in the log before its answer is sent. -s: no packages from the user's home.
  const args = interpreter === "node" ? [...nodeFlags(fn), bootstrapPaths.node] : ["-u", "-s", bootstrapPaths.python];
  return { command, args, cwd: around.folder, env: environmentOf(fn, around) };
}

/**
 * What Lambda starts its Node.js with: features that these lines of Node.js have, and Lambda turns off unless the function's
 * NODE_OPTIONS turn them on [DOC:lambda-nodejs]. The Node.js 16 and 18 of Lambda have none of them.
 */
const FEATURES_OFF: Readonly<Record<string, readonly string[]>> = {
  "nodejs16.x": ["experimental-require-module", "experimental-detect-module"],
  "nodejs18.x": ["experimental-require-module", "experimental-detect-module"],
  "nodejs20.x": ["experimental-require-module"],
  "nodejs22.x": ["experimental-require-module", "experimental-detect-module"],
};

/** Without those that this machine's Node.js does not know. */
function nodeFlags({ runtime, environment }: FunctionVersion): string[] {
  const options = environment.NODE_OPTIONS?.split(/\s+/) ?? [];
  return (FEATURES_OFF[runtime] ?? [])
    .filter((feature) => !options.includes(`--${feature}`))
    .map((feature) => `--no-${feature}`)
    .filter((flag) => process.allowedNodeEnvironmentFlags.has(flag));
}

function environmentOf(fn: FunctionVersion, around: Surroundings): Record<string, string> {
  return {
    PATH: process.env.PATH ?? "",
    LANG: "en_US.UTF-8",
    TZ: ":UTC",
    AWS_ENDPOINT_URL: fn.endpointUrl,
    ...fn.environment,
    // Reserved names come last: a function cannot set them on AWS either [aws 4.2].
    _HANDLER: fn.handler,
    AWS_ACCESS_KEY_ID: FUNCTION_ACCESS_KEY_ID,
    AWS_SECRET_ACCESS_KEY: FUNCTION_SECRET_ACCESS_KEY,
    AWS_SESSION_TOKEN: functionToken(fn),
    AWS_DEFAULT_REGION: fn.region,
    AWS_REGION: fn.region,
    AWS_EXECUTION_ENV: `AWS_Lambda_${fn.runtime}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(fn.memoryMb),
    AWS_LAMBDA_FUNCTION_NAME: fn.functionName,
    AWS_LAMBDA_FUNCTION_VERSION: fn.version,
    AWS_LAMBDA_INITIALIZATION_TYPE: "on-demand",
    AWS_LAMBDA_LOG_GROUP_NAME: fn.logGroup,
    AWS_LAMBDA_LOG_STREAM_NAME: around.logStream,
    AWS_LAMBDA_RUNTIME_API: around.runtimeApi,
    LAMBDA_TASK_ROOT: around.folder,
  };
}
