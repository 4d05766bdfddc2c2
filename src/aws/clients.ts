import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import type { DeserializeMiddleware, MetadataBearer, MiddlewareStack } from "@smithy/types";
import { errorName, httpStatus, requestId } from "./failures.ts";

/** Where and as whom the calls are made. What is left out comes from the SDK's standard chain. */
export interface Target {
  readonly region: string;
  readonly profile?: string | undefined;
  readonly endpoint?: string | undefined;
  readonly credentials?: Credentials | undefined;
}

export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
}

/** One request as it went over the wire; nothing of its content. */
export interface Call {
  readonly service: string;
  readonly operation: string;
  readonly mutating: boolean;
  readonly durationMs: number;
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  readonly error: string | undefined;
}

export interface Aws {
  readonly sts: STSClient;
  readonly iam: IAMClient;
  readonly lambda: LambdaClient;
  readonly logs: CloudWatchLogsClient;
  readonly apigateway: ApiGatewayV2Client;
  /** Never sends twice: creating an API or an integration has no name and no token to protect it [aws 1 rules 1-3]. */
  readonly apigatewayOnce: ApiGatewayV2Client;
  /** For invocations: never sends twice, and waits for an answer as long as `timeoutMs`. */
  invoker(timeoutMs: number): LambdaClient;
  /** The credentials the calls are signed with. */
  credentials(): Promise<Credentials>;
}

const READ = /^(Get|List|Describe|Filter)/;
const CONNECT_TIMEOUT_MS = 5_000;
/** No control plane call is silent for longer; an upload is not silent. */
const SILENCE_TIMEOUT_MS = 30_000;
/** Enough to sit out a throttled minute [aws 1.2]. */
const MAX_ATTEMPTS = 8;

/**
 * The only place that constructs SDK clients. `onCall` hears of every request; once `signal` is aborted no
 * further request starts, while those in flight finish.
 */
export function connect(target: Target, signal: AbortSignal, onCall: (call: Call) => void): Aws {
  const base = {
    region: target.region,
    maxAttempts: MAX_ATTEMPTS,
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS },
    ...(target.profile === undefined ? {} : { profile: target.profile }),
    ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    ...(target.credentials === undefined ? {} : { credentials: target.credentials }),
  };
  const sts = watched(new STSClient(base), "sts", signal, onCall);
  return {
    sts,
    iam: watched(new IAMClient(base), "iam", signal, onCall),
    lambda: watched(new LambdaClient(base), "lambda", signal, onCall),
    logs: watched(new CloudWatchLogsClient(base), "logs", signal, onCall),
    apigateway: watched(new ApiGatewayV2Client(base), "apigateway", signal, onCall),
    apigatewayOnce: watched(new ApiGatewayV2Client({ ...base, maxAttempts: 1 }), "apigateway", signal, onCall),
    invoker: (timeoutMs) => {
      const requestHandler = { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: timeoutMs };
      return watched(new LambdaClient({ ...base, maxAttempts: 1, requestHandler }), "lambda", signal, onCall);
    },
    credentials: () => sts.config.credentials(),
  };
}

/** The region of the user's AWS profile, by the SDK's own rules; undefined when it names none. */
export async function profileRegion(profile: string | undefined): Promise<string | undefined> {
  try {
    return await new STSClient(profile === undefined ? {} : { profile }).config.region();
  } catch {
    return undefined;
  }
}

interface Watchable<Input extends object, Output extends MetadataBearer> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

function watched<Input extends object, Output extends MetadataBearer, C extends Watchable<Input, Output>>(
  client: C & Watchable<Input, Output>,
  service: string,
  signal: AbortSignal,
  onCall: (call: Call) => void,
): C {
  const watch: DeserializeMiddleware<Input, Output> = (next, context) => async (args) => {
    signal.throwIfAborted();
    const operation = String(context.commandName).replace(/Command$/, "");
    const start = performance.now();
    const report = (status: number | undefined, id: string | undefined, error: string | undefined) =>
      onCall({
        service,
        operation,
        mutating: !READ.test(operation),
        durationMs: performance.now() - start,
        status,
        requestId: id,
        error,
      });
    try {
      const result = await next(args);
      report(result.output?.$metadata.httpStatusCode, result.output?.$metadata.requestId, undefined);
      return result;
    } catch (error) {
      report(httpStatus(error), requestId(error), errorName(error));
      throw error;
    }
  };
  // The step inside the SDK's own retries: every attempt is seen.
  client.middlewareStack.add(watch, { step: "deserialize", name: "llmGwWatch", priority: "high" });
  return client;
}
