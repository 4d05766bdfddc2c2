/** One published state of a function: what the control plane hands to the runtime. */
export interface FunctionVersion {
  readonly functionName: string;
  /** As the function was asked for, qualifier included. */
  readonly functionArn: string;
  /** `$LATEST` or a number. */
  readonly version: string;
  readonly runtime: string;
  readonly handler: string;
  readonly zip: Uint8Array;
  readonly environment: Readonly<Record<string, string>>;
  readonly timeoutSeconds: number;
  readonly memoryMb: number;
  readonly logGroup: string;
  /** Whose permissions the function has. */
  readonly roleArn: string;
  readonly region: string;
  /** Where its AWS clients find this account, so that no function under test ever calls the real one. */
  readonly endpointUrl: string;
  /** Differs whenever code or configuration differ; processes of another revision are not reused. */
  readonly revisionId: string;
}
