export interface Api {
  readonly apiId: string;
  readonly createdDate: Date;
  name: string;
  description: string | undefined;
  version: string | undefined;
  disableExecuteApiEndpoint: boolean;
  ipAddressType: "ipv4" | "dualstack";
  cors: Cors | undefined;
  readonly tags: Map<string, string>;
  readonly authorizers: Map<string, Authorizer>;
  readonly integrations: Map<string, Integration>;
  readonly routes: Map<string, Route>;
  readonly deployments: Map<string, Deployment>;
  readonly stages: Map<string, Stage>;
}

/** Undefined members were never set. */
export interface Cors {
  readonly allowCredentials: boolean | undefined;
  readonly allowHeaders: readonly string[] | undefined;
  readonly allowMethods: readonly string[] | undefined;
  readonly allowOrigins: readonly string[] | undefined;
  readonly exposeHeaders: readonly string[] | undefined;
  /** Seconds. */
  readonly maxAge: number | undefined;
}

export type Authorizer = JwtAuthorizer | RequestAuthorizer;

export interface JwtAuthorizer {
  readonly authorizerType: "JWT";
  readonly authorizerId: string;
  readonly name: string;
  readonly identitySource: readonly string[];
  readonly issuer: string;
  readonly audience: readonly string[];
}

/** A Lambda authorizer. */
export interface RequestAuthorizer {
  readonly authorizerType: "REQUEST";
  readonly authorizerId: string;
  readonly name: string;
  readonly identitySource: readonly string[];
  readonly authorizerUri: string;
  readonly payloadFormatVersion: "1.0" | "2.0";
  readonly enableSimpleResponses: boolean;
  /** Seconds a decision is kept for; 0: not at all. */
  readonly resultTtlInSeconds: number;
}

export interface Integration {
  readonly integrationId: string;
  readonly integrationType: "AWS_PROXY";
  readonly integrationUri: string;
  readonly payloadFormatVersion: string;
  readonly timeoutInMillis: number;
  readonly description: string | undefined;
}

export interface Route {
  readonly routeId: string;
  readonly routeKey: string;
  readonly authorizationType: "NONE" | "AWS_IAM" | "JWT" | "CUSTOM";
  /** Set for JWT and CUSTOM. */
  readonly authorizerId: string | undefined;
  readonly authorizationScopes: readonly string[];
  readonly target: string | undefined;
  readonly operationName: string | undefined;
}

export interface Deployment {
  readonly deploymentId: string;
  readonly createdDate: Date;
  readonly autoDeployed: boolean;
  description: string | undefined;
  /** Epoch milliseconds from which stages serve it; until then it is PENDING. */
  readonly deployedAt: number;
  /** The API as it was then; what is inside an API is replaced, never changed in place. */
  readonly cors: Cors | undefined;
  readonly authorizers: ReadonlyMap<string, Authorizer>;
  readonly routes: readonly Route[];
  readonly integrations: ReadonlyMap<string, Integration>;
}

export interface RouteSettings {
  readonly detailedMetricsEnabled?: boolean | undefined;
  readonly throttlingBurstLimit?: number | undefined;
  readonly throttlingRateLimit?: number | undefined;
}

export interface AccessLogSettings {
  /** The ARN of a log group, without the `:*` at its end. */
  readonly destinationArn: string;
  /** One line with `$context.` variables. */
  readonly format: string;
}

export interface Stage {
  readonly stageName: string;
  readonly createdDate: Date;
  lastUpdatedDate: Date;
  autoDeploy: boolean;
  deploymentId: string | undefined;
  /** What the stage pointed to before, oldest first, as far as it may still serve it: a new deployment takes its time. */
  earlierDeployments: readonly Deployment[];
  /** Epoch milliseconds; what an authorizer decided before then counts no more. */
  cacheResetAt: number;
  lastDeploymentStatusMessage: string | undefined;
  description: string | undefined;
  defaultRouteSettings: RouteSettings;
  routeSettings: Map<string, RouteSettings>;
  stageVariables: Map<string, string>;
  accessLogSettings: AccessLogSettings | undefined;
  readonly tags: Map<string, string>;
}
