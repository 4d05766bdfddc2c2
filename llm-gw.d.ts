// What TypeScript can know of llm-gw: the file llm-gw.json, and the one document that each command prints with --json.
// There is nothing to import at run time.

/** llm-gw.json. Every field has a default; llm-gw.schema.json has the limits of each value. */
export interface Config {
  /** Leads editors to llm-gw.schema.json. */
  $schema?: string | undefined;
  name?: string | undefined;
  stage?: string | undefined;
  region?: string | undefined;
  function?:
    | {
        /** A folder or a .zip, relative to the file. Left out: the built-in function. */
        code?: string | undefined;
        runtime?: string | undefined;
        handler?: string | undefined;
        architecture?: "arm64" | "x86_64" | undefined;
        /** Seconds. */
        timeout?: number | undefined;
        /** MB. */
        memory?: number | undefined;
        environment?: Record<string, string> | undefined;
        /** One of CloudWatch's values, or 0 for ever. */
        logRetentionDays?: LogRetentionDays | undefined;
      }
    | undefined;
  /** Route keys of the HTTP API, like "POST /inference". */
  routes?: string[] | undefined;
  auth?: "iam" | "none" | undefined;
  throttle?: { rate?: number | undefined; burst?: number | undefined } | undefined;
  autoDeploy?: boolean | undefined;
  /** Whether the stage logs each request. */
  accessLogs?: boolean | undefined;
  /** By alias: "bedrock:MODEL", "openai:URL#MODEL", "echo:", another alias, or a list of these, tried in order. */
  models?: Record<string, string | string[]> | undefined;
  /** By "openai:URL", where its key is kept: "ssm:NAME", "secretsmanager:NAME" or "env:NAME". */
  secrets?: Record<string, string> | undefined;
  limits?:
    | { defaultMaxTokens?: number | undefined; maxTokens?: number | undefined; promptBytes?: number | undefined }
    | undefined;
  tags?: Record<string, string> | undefined;
}

// biome-ignore format: one line says as much as thirty
type LogRetentionDays = 0 | 1 | 3 | 5 | 7 | 14 | 30 | 60 | 90 | 120 | 150 | 180 | 365 | 400 | 545 | 731 | 1096 | 1827 | 2192 | 2557 | 2922 | 3288 | 3653;

/** What a run did with a resource, or would do. */
export type Action = "created" | "updated" | "replaced" | "adopted" | "deleted" | "unchanged";

export interface Resource {
  /** Names the resource within the gateway. */
  readonly id: string;
  /** Like "lambda.function". */
  readonly type: string;
  readonly name: string;
  readonly arn?: string;
  readonly action: Action;
}

/** One property that differs between the configuration and AWS; `id` is the resource's. */
export interface Drift {
  readonly id: string;
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

/** `llm-gw destroy --json` */
export interface DestroyResult {
  readonly name: string;
  readonly stage: string;
  readonly region: string;
  readonly account: string;
  /** The URL of the route that `llm-gw invoke` asks, else of the first; null while there is none. */
  readonly endpoint: string | null;
  readonly routes: readonly { readonly routeKey: string; readonly url: string; readonly auth: string }[];
  readonly resources: readonly Resource[];
  readonly summary: Readonly<Record<Action, number>>;
  readonly calls: { readonly total: number; readonly mutating: number };
  readonly durationMs: number;
}

/** `llm-gw deploy --json`; with `--dry-run` it has what would change. */
export interface DeployResult extends DestroyResult {
  readonly drift?: readonly Drift[];
  /** Only with --timeline: where the time went. */
  readonly timeline?: readonly Span[];
}

/** A part of a run; milliseconds since its start. */
export interface Span {
  /** The id of a resource, or what was done for all of them, like "read". */
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly waits: readonly { readonly what: string; readonly startMs: number; readonly endMs: number }[];
}

/** `llm-gw status --json`; `action` is what `deploy` would do. */
export interface StatusResult extends DestroyResult {
  readonly drift: readonly Drift[];
  readonly upToDate: boolean;
  /** What the function runs: base64 as Lambda tells it, and bytes of the zip; null when there is no function. */
  readonly code: { readonly sha256: string; readonly sizeBytes: number } | null;
  /** ISO 8601; null when there is no function. */
  readonly lastDeployedAt: string | null;
}

/** `llm-gw invoke --json` */
export interface InvokeResult {
  readonly status: number;
  readonly requestId: string | null;
  /** Parsed where it is JSON, else the text. */
  readonly body: unknown;
  readonly durationMs: number;
}

/** `llm-gw logs --json`; with `--follow` it prints one `LogRecord` a line. */
export interface LogsResult {
  readonly events: readonly LogRecord[];
}

export interface LogRecord {
  readonly id: string;
  /** ISO 8601. */
  readonly time: string;
  /** The log group. */
  readonly group: string;
  readonly stream: string;
  readonly message: string;
}

/** `llm-gw list --json` */
export interface ListResult {
  readonly region: string;
  readonly account: string;
  /** By name and stage. */
  readonly gateways: readonly {
    readonly name: string;
    readonly stage: string;
    readonly apiId: string;
    /** What the paths of its routes are added to. */
    readonly url: string;
    /** ISO 8601; null when AWS does not tell. */
    readonly createdAt: string | null;
    /** Ids of further APIs of the same gateway, which are too many. */
    readonly duplicates: readonly string[];
  }[];
}

/** `llm-gw doctor --json` */
export interface DoctorResult {
  /** Nothing is broken; something may be unknown. */
  readonly healthy: boolean;
  readonly findings: readonly {
    readonly name: string;
    /** unknown: it could not be looked at, and may be well. */
    readonly status: "ok" | "broken" | "unknown";
    readonly message: string;
    readonly cure?: string;
  }[];
}

/** `llm-gw init --json` */
export interface InitResult {
  /** What was written into the current folder: files, and folders with a slash at the end. */
  readonly files: readonly string[];
  /** The command that tries it. */
  readonly next: string;
}

/** `llm-gw completion SHELL --json` */
export interface CompletionResult {
  readonly shell: "bash" | "zsh" | "fish";
  readonly script: string;
}

/** Every command with --json that fails. */
export interface ErrorResult {
  readonly error: {
    readonly code: string;
    readonly message: string;
    readonly hint?: string;
    /** Of InvokeFailed: the answer's; left out where the function itself was called and failed. */
    readonly status?: number;
    /** Of InvokeFailed: what the logs know the request by. */
    readonly requestId?: string;
    /** Of InvokeFailed: the code of the answer's error, like "model_not_found", or the type of what the function threw. */
    readonly errorType?: string;
  };
}
