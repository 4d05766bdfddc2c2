import type { FunctionVersion } from "../function-version.ts";
import type { Cors } from "./apigatewayv2.ts";

export interface FunctionSettings {
  readonly runtime: string;
  readonly handler: string;
  readonly role: string;
  readonly description: string;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly ephemeralStorageMb: number;
  /** Undefined when it was never set: then AWS leaves the member out [aws 4.5]. */
  readonly environment: Readonly<Record<string, string>> | undefined;
  readonly logGroup: string;
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
