// What a function is, as Lambda tells it.
import type { FunctionConfiguration, GetFunctionCommandOutput } from "@aws-sdk/client-lambda";
import type { Observed } from "../kind.ts";
import { functionTags } from "./function-read.ts";
import type { Tags } from "./tags.ts";

export interface FunctionSettings {
  readonly roleArn: string;
  readonly runtime: string;
  readonly handler: string;
  readonly description: string;
  /** Seconds. */
  readonly timeout: number;
  /** MB. */
  readonly memory: number;
  readonly logGroupName: string;
}

export interface FunctionLive extends FunctionSettings {
  readonly functionName: string;
  readonly arn: string;
  readonly architecture: string;
  readonly environment: Readonly<Record<string, string>>;
  /** base64, as Lambda tells it. */
  readonly codeSha256: string;
  /** Bytes of the zip. */
  readonly codeSize: number;
  readonly lastModified: Date | undefined;
  /** Active, or what has to be waited for or repaired. */
  readonly state: string;
  readonly tags: Tags;
}

/** The function in the form it is compared in. */
export function liveFunction(found: GetFunctionCommandOutput): FunctionLive {
  const configured: FunctionConfiguration = found.Configuration ?? {};
  const isUpdating = configured.LastUpdateStatus === "InProgress" || configured.LastUpdateStatus === "Failed";
  return {
    functionName: configured.FunctionName ?? "",
    arn: configured.FunctionArn ?? "",
    roleArn: configured.Role ?? "",
    runtime: configured.Runtime ?? "",
    handler: configured.Handler ?? "",
    description: configured.Description ?? "",
    timeout: configured.Timeout ?? 3,
    memory: configured.MemorySize ?? 128,
    architecture: configured.Architectures?.[0] ?? "x86_64",
    environment: configured.Environment?.Variables ?? {},
    logGroupName: configured.LoggingConfig?.LogGroup ?? `/aws/lambda/${configured.FunctionName}`,
    codeSha256: configured.CodeSha256 ?? "",
    codeSize: configured.CodeSize ?? 0,
    lastModified: configured.LastModified === undefined ? undefined : new Date(configured.LastModified),
    state:
      configured.State === "Active" && isUpdating ? `Update${configured.LastUpdateStatus}` : (configured.State ?? ""),
    tags: functionTags(found),
  };
}

/** Why it can be neither changed nor taken over; undefined when it can. */
export function refusalOf({ Configuration }: GetFunctionCommandOutput): Observed<FunctionLive>["refusal"] {
  const name = Configuration?.FunctionName;
  if (Configuration?.PackageType === "Image") {
    const message = `function ${name} is a container image, and Lambda does not change that`;
    return { message, hint: "Choose another --name, or delete it." };
  }
  if (Configuration?.Environment?.Error !== undefined) {
    const message = `the environment of function ${name} is encrypted with a key you may not use`;
    return { message, hint: "Ask for kms:Decrypt on that key." };
  }
  return undefined;
}
