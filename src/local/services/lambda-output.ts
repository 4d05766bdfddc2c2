import type { FunctionState } from "../store/lambda.ts";
import { stateOut } from "./lambda-state.ts";

/** A function's configuration as every operation answers it, under the ARN it was asked for. */
export function configurationOut(fn: FunctionState, arn: string = fn.arn): object {
  const { settings } = fn;
  return {
    FunctionName: fn.name,
    FunctionArn: arn,
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: fn.code.zip.length,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: fn.lastModified.toISOString().replace("Z", "+0000"),
    CodeSha256: fn.code.sha256,
    Version: fn.version,
    Environment: settings.environment && { Variables: settings.environment },
    TracingConfig: { Mode: "PassThrough" },
    RevisionId: fn.revisionId,
    ...stateOut(fn),
    PackageType: "Zip",
    Architectures: [fn.code.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: { LogFormat: "Text", LogGroup: settings.logGroup },
  };
}

/** The same in a listing, which says nothing about states [aws 4.1]. */
export function listedOut(fn: FunctionState, arn: string): object {
  return { ...configurationOut(fn, arn), ...NO_STATE };
}

const NO_STATE = {
  State: undefined,
  StateReason: undefined,
  StateReasonCode: undefined,
  LastUpdateStatus: undefined,
  LastUpdateStatusReason: undefined,
  LastUpdateStatusReasonCode: undefined,
};
