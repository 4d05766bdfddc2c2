import { LOCAL_ACCOUNT_ID } from "./credentials.ts";
import type { FunctionVersion } from "./function-version.ts";
import type { Timing } from "./timing.ts";

/** Everything the local account holds in one Region. Lives in memory, dies with the process. */
export interface Account {
  readonly accountId: string;
  readonly region: string;
  /** Where the account is served, for the endpoints it hands out: http://127.0.0.1:PORT. */
  readonly url: string;
  timing: Timing;
  /** By lower-case name: role names differ in more than case [aws 3.1]. */
  readonly roles: Map<string, Role>;
  readonly functions: Map<string, LambdaFunction>;
  readonly apis: Map<string, Api>;
  readonly logGroups: Map<string, LogGroup>;
  /** Of Systems Manager, by name. */
  readonly parameters: Map<string, Parameter>;
  /** Of Secrets Manager, by name. */
  readonly secrets: Map<string, Secret>;
}

export interface Role {
  readonly name: string;
  readonly path: string;
  readonly roleId: string;
  readonly arn: string;
  readonly createdAt: Date;
  trustPolicy: string;
  /** Epoch milliseconds from which Lambda can assume the role. */
  assumableAt: number;
  description: string | undefined;
  maxSessionDuration: number;
  /** The ARN of a managed policy. */
  permissionsBoundary: string | undefined;
  readonly tags: Map<string, string>;
  /** ARNs of the attached managed policies. */
  readonly attached: Set<string>;
  /** Inline policy documents by name. */
  readonly inline: Map<string, string>;
}

export interface FunctionSettings {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly ephemeralStorageMb: number;
  readonly tracingMode: "PassThrough" | "Active";
  /** Undefined when it was never set: then AWS leaves the member out [aws 4.5]. */
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly logging: FunctionLogging;
}

export interface FunctionLogging {
  readonly format: "Text" | "JSON";
  readonly group: string;
  readonly applicationLevel: string | undefined;
  readonly systemLevel: string | undefined;
}

export interface FunctionCode {
  readonly zip: Buffer;
  /** base64(sha256(zip)). */
  readonly sha256: string;
  readonly architecture: string;
}

export interface PolicyStatement {
  readonly Sid: string;
  readonly Effect: "Allow";
  readonly Principal: "*" | Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Resource: string;
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, string>>>>;
}

/** What has a revision and a resource policy of its own: `$LATEST`, a version, an alias. */
export interface Permitted {
  /** Unqualified for `$LATEST`. */
  readonly arn: string;
  revisionId: string;
  policy: readonly PolicyStatement[];
}

/** Code and settings that are invoked together: `$LATEST` or a published version. */
export interface FunctionState extends Permitted {
  readonly name: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  settings: FunctionSettings;
  code: FunctionCode;
  lastModified: Date;
  /** The change that is being applied; undefined when the function is settled. */
  change: { readonly kind: "create" | "update"; readonly settlesAt: number } | undefined;
  /** What invocations run; still the previous version while an update is in progress [aws 4.4]. */
  serving: FunctionVersion | undefined;
}

/** A function; what it is itself is its `$LATEST`. */
export interface LambdaFunction extends FunctionState {
  readonly tags: Map<string, string>;
  /** By number. */
  readonly versions: Map<string, FunctionState>;
  /** What was published last and from what; its number is never given again. */
  published: { readonly number: number; readonly settings: FunctionSettings; readonly code: FunctionCode } | undefined;
  readonly aliases: Map<string, Alias>;
  reservedConcurrency: number | undefined;
  /** By the alias they belong to; "" for the function itself. */
  readonly urls: Map<string, FunctionUrl>;
}

export interface Alias extends Permitted {
  readonly name: string;
  version: string;
  description: string;
  /** The other version and the share of invocations it gets, from 0 to 1. */
  weight: { readonly version: string; readonly share: number } | undefined;
}

export interface FunctionUrl {
  readonly id: string;
  /** Qualified when it belongs to an alias. */
  readonly functionArn: string;
  readonly createdAt: Date;
  modifiedAt: Date;
  authType: "NONE" | "AWS_IAM";
  invokeMode: "BUFFERED" | "RESPONSE_STREAM";
  cors: Cors | undefined;
}

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

export interface LogGroup {
  readonly name: string;
  readonly arn: string;
  readonly createdAt: Date;
  retentionInDays: number | undefined;
  readonly tags: Map<string, string>;
  /** When each stream was made, in epoch milliseconds, by name. */
  readonly streams: Map<string, number>;
  /** In the order of their ids, which is the order of their timestamps. */
  readonly events: LogEvent[];
}

export interface LogEvent {
  readonly eventId: string;
  readonly stream: string;
  /** Epoch milliseconds. */
  readonly timestamp: number;
  readonly ingestionTime: number;
  readonly message: string;
}

export interface Parameter {
  readonly name: string;
  readonly type: "String" | "StringList" | "SecureString";
  readonly value: string;
  readonly version: number;
  readonly modifiedAt: Date;
}

export interface Secret {
  readonly name: string;
  /** With six characters after the name. */
  readonly arn: string;
  /** Undefined until it has a value. */
  current: SecretVersion | undefined;
  /** Set once it is marked for deletion. */
  deletesAt: Date | undefined;
}

/** Holds a text, or bytes in base64. */
interface SecretVersion {
  readonly versionId: string;
  readonly createdAt: Date;
  readonly text: string | undefined;
  readonly bytes: string | undefined;
}

/** An account with nothing in it but the roles it has in every Region. */
export function newAccount(options: {
  readonly region: string;
  readonly url: string;
  readonly timing: Timing;
  readonly roles: Account["roles"];
}): Account {
  return {
    accountId: LOCAL_ACCOUNT_ID,
    region: options.region,
    url: options.url,
    timing: options.timing,
    roles: options.roles,
    functions: new Map(),
    apis: new Map(),
    logGroups: new Map(),
    parameters: new Map(),
    secrets: new Map(),
  };
}
