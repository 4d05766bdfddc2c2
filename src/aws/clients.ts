import { ApiGatewayV2Client } from "@aws-sdk/client-apigatewayv2";
import { CloudWatchLogsClient } from "@aws-sdk/client-cloudwatch-logs";
import { IAMClient, ListAccountAliasesCommand } from "@aws-sdk/client-iam";
import { LambdaClient } from "@aws-sdk/client-lambda";
import { STSClient } from "@aws-sdk/client-sts";
import type { DeserializeMiddleware, MetadataBearer, MiddlewareStack } from "@smithy/types";
import type { Clock } from "../clock.ts";
import { errorName, httpStatus, isAccessDenied, requestId } from "./failures.ts";
import { AccessDenied } from "./permissions.ts";
import type { Waiting } from "./retry.ts";
import { RetryStrategy } from "./retry-strategy.ts";

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
  /**
   * Never sends a call again that may have taken effect: creating an API or an integration has no name and no token to
   * protect it [aws 1 rules 1-3].
   */
  readonly apigatewayOnce: ApiGatewayV2Client;
  /** For invocations: never sends twice, and waits for an answer as long as `timeoutMs`. */
  invoker(timeoutMs: number): LambdaClient;
  /** The account's name for people; undefined where it has none, or where asking is not allowed or takes too long. */
  accountAlias(signal: AbortSignal): Promise<string | undefined>;
  /** A client of one more service. A denial of its calls ends no run: it is for what is good to know alone. */
  further<Input extends object, Output extends MetadataBearer, C extends Watchable<Input, Output>>(
    service: string,
    make: (config: ClientConfig) => C & Watchable<Input, Output>,
  ): C;
  /** The credentials the calls are signed with. */
  credentials(): Promise<Credentials>;
}

/** What the SDK's clients of all services have in common. */
interface ClientConfig {
  readonly region: string;
  readonly profile?: string;
  readonly endpoint?: string;
  readonly credentials?: Credentials;
  readonly retryStrategy: RetryStrategy;
  readonly requestHandler: { readonly connectionTimeout: number; readonly socketTimeout: number };
}

const READ = /^(Get|List|Describe|Filter|Simulate)/;
const CONNECT_TIMEOUT_MS = 5_000;
/** No control plane call is silent for longer; an upload is not silent. */
const SILENCE_TIMEOUT_MS = 30_000;

/** The run that the calls belong to. */
export interface Calling {
  readonly clock: Clock;
  /** Once it is aborted, no further request starts, while those in flight finish. */
  readonly signal: AbortSignal;
  /** Hears of every request. */
  onCall(call: Call): void;
  /** Hears what a pause between two attempts of a call waits for. */
  readonly waiting: Waiting;
}

/**
 * The only place that constructs SDK clients. As after an abort, no further request starts once AWS has denied a call
 * (AccessDenied).
 */
export function connect(target: Target, { clock, signal, onCall, waiting }: Calling): Aws {
  const denied = new AbortController();
  const failedCalls = new WeakMap<object, string>();
  const watch: Watch = {
    ...{ clock, onCall, denied, failedCalls, region: target.region },
    signal: AbortSignal.any([signal, denied.signal]),
  };
  const retries = (isRepeatable: boolean) =>
    new RetryStrategy({ clock, signal: watch.signal, failedCalls, waiting, isRepeatable });
  const base: ClientConfig = {
    region: target.region,
    retryStrategy: retries(true),
    requestHandler: { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: SILENCE_TIMEOUT_MS },
    ...(target.profile === undefined ? {} : { profile: target.profile }),
    ...(target.endpoint === undefined ? {} : { endpoint: target.endpoint }),
    ...(target.credentials === undefined ? {} : { credentials: target.credentials }),
  };
  const { retryStrategy: _retries, ...others } = base;
  const once = { ...others, maxAttempts: 1 };
  const sts = watched(new STSClient(base), "sts", watch);
  return {
    sts,
    iam: watched(new IAMClient(base), "iam", watch),
    lambda: watched(new LambdaClient(base), "lambda", watch),
    logs: watched(new CloudWatchLogsClient(base), "logs", watch),
    apigateway: watched(new ApiGatewayV2Client(base), "apigateway", watch),
    apigatewayOnce: watched(new ApiGatewayV2Client({ ...base, retryStrategy: retries(false) }), "apigateway", watch),
    invoker: (timeoutMs) => {
      const requestHandler = { connectionTimeout: CONNECT_TIMEOUT_MS, socketTimeout: timeoutMs };
      return watched(new LambdaClient({ ...once, requestHandler }), "lambda", watch);
    },
    async accountAlias(stop) {
      // A denial of this call ends no run.
      const quiet = { ...watch, denied: new AbortController() };
      const iam = watched(new IAMClient(once), "iam", quiet);
      const asked = iam.send(new ListAccountAliasesCommand({}), { abortSignal: stop });
      return asked.then(
        ({ AccountAliases }) => AccountAliases?.[0],
        () => undefined,
      );
    },
    further: (service, make) => watched(make(base), service, { ...watch, denied: new AbortController() }),
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

interface Watch {
  readonly clock: Clock;
  onCall(call: Call): void;
  readonly signal: AbortSignal;
  /** Service and operation of a call, by the error it failed with. */
  readonly failedCalls: WeakMap<object, string>;
  /** Ends the run: without a permission nothing gets it done. */
  readonly denied: AbortController;
  readonly region: string;
}

interface Watchable<Input extends object, Output extends MetadataBearer> {
  readonly middlewareStack: MiddlewareStack<Input, Output>;
}

function watched<Input extends object, Output extends MetadataBearer, C extends Watchable<Input, Output>>(
  client: C & Watchable<Input, Output>,
  service: string,
  { clock, onCall, signal, failedCalls, denied, region }: Watch,
): C {
  const watch: DeserializeMiddleware<Input, Output> = (next, context) => async (args) => {
    signal.throwIfAborted();
    const operation = String(context.commandName).replace(/Command$/, "");
    const start = clock.elapsed();
    const report = (status: number | undefined, id: string | undefined, error: string | undefined) =>
      onCall({
        service,
        operation,
        mutating: !READ.test(operation),
        durationMs: clock.elapsed() - start,
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
      if (error instanceof Error) failedCalls.set(error, `${service} ${operation}`);
      if (!isAccessDenied(error)) throw error;
      const denial = new AccessDenied(error, { service, operation, region, input: args.input, http: args.request });
      denied.abort(denial);
      throw denial;
    }
  };
  // The step inside the SDK's own retries: every attempt is seen.
  client.middlewareStack.add(watch, { step: "deserialize", name: "llmGwWatch", priority: "high" });
  return client;
}
