import type { FunctionVersion } from "../function-version.ts";

/** One route of a deployment: an immutable snapshot, as a stage serves it. */
export interface DeployedRoute {
  readonly routeKey: string;
  readonly authorizationType: "NONE" | "AWS_IAM";
  readonly integration: {
    readonly functionArn: string;
    readonly payloadFormatVersion: string;
    readonly timeoutMs: number;
  };
}

export interface DeployedStage {
  readonly apiId: string;
  readonly stageName: string;
  readonly routes: readonly DeployedRoute[];
  /** Requests per second and bucket size; undefined: not throttled. */
  readonly throttle: { readonly rate: number; readonly burst: number } | undefined;
}

/** What the data plane asks of the account. The control plane implements it over its store. */
export interface DataPlaneAccount {
  readonly accountId: string;
  readonly region: string;
  stage(apiId: string, stageName: string): DeployedStage | undefined;
  /** The function as it serves now; undefined when it does not exist or never became active. */
  functionVersion(functionArn: string): FunctionVersion | undefined;
  /** Whether a statement of the function's resource policy lets API Gateway call it from this execute-api ARN. */
  mayInvoke(functionArn: string, sourceArn: string): boolean;
  /** The secret of an access key the account knows. */
  secretAccessKey(accessKeyId: string): string | undefined;
}
