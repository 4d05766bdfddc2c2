import type { FunctionVersion } from "../function-version.ts";
import type { Deployment, Stage } from "../store/apigatewayv2.ts";
import type { PolicyStatement } from "../store/lambda.ts";

/** What a deployment serves. */
export type Deployed = Pick<Deployment, "cors" | "authorizers" | "routes" | "integrations">;

/** What a stage adds to the deployment it serves. */
export type StageSettings = Pick<
  Stage,
  "stageName" | "defaultRouteSettings" | "routeSettings" | "stageVariables" | "accessLogSettings"
>;

/** A stage as it serves now. */
export interface ServedStage {
  readonly apiId: string;
  readonly stage: StageSettings;
  readonly deployment: Deployed;
  /** Epoch milliseconds; what an authorizer decided before then counts no more. */
  readonly cacheResetAt: number;
}

/** A function as API Gateway meets it. */
export interface CallableFunction {
  /** What invocations run now; undefined when it never became active. */
  readonly version: FunctionVersion | undefined;
  /** The resource policy of what the ARN names: of the function, or of one version or alias. */
  readonly policy: readonly PolicyStatement[];
}

/** What the data plane asks of the account. */
export interface DataPlaneAccount {
  readonly accountId: string;
  readonly region: string;
  /** Undefined when there is no such API or stage, it serves nothing yet, or the API's own endpoint is switched off. */
  stage(apiId: string, stageName: string): ServedStage | undefined;
  /** Undefined when there is no such function, version or alias. */
  function(functionArn: string): CallableFunction | undefined;
  /** The secret of an access key the account knows. */
  secretAccessKey(accessKeyId: string): string | undefined;
  /** Stores a line in the log group an access log is sent to. */
  log(destinationArn: string, stream: string, line: string): void;
}
