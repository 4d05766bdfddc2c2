import * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { FunctionSettings } from "../store/lambda.ts";
import { trusts } from "./iam-documents.ts";
import { roleOfArn } from "./iam-roles.ts";
import { checkEnvironment } from "./lambda-environment.ts";
import { invalidParameter } from "./lambda-model.ts";
import { checkRuntime } from "./lambda-runtimes.ts";

const list = z.array(z.string());

/** The members CreateFunction and UpdateFunctionConfiguration share [aws 4.2]. */
export const settingsInput = {
  Role: z
    .string()
    .regex(/^arn:aws[a-zA-Z-]*:iam::\d{12}:role\/?[a-zA-Z_0-9+=,.@\-_/]+$/)
    .optional(),
  Runtime: z.string().optional(),
  Handler: z.string().max(128).regex(/^\S+$/).optional(),
  Description: z.string().max(256).optional(),
  Timeout: z.number().int().min(1).max(900).optional(),
  MemorySize: z.number().int().min(128).max(10_240).optional(),
  EphemeralStorage: z.strictObject({ Size: z.number().int().min(512).max(10_240) }).optional(),
  TracingConfig: z.strictObject({ Mode: z.enum(["Active", "PassThrough"]).optional() }).optional(),
  Environment: z.strictObject({ Variables: z.record(z.string(), z.string()).optional() }).optional(),
  LoggingConfig: z
    .strictObject({
      LogFormat: z.enum(["JSON", "Text"]).optional(),
      LogGroup: z
        .string()
        .min(1)
        .max(512)
        .regex(/^[.\-_/#A-Za-z0-9]+$/)
        .optional(),
      ApplicationLogLevel: z.enum(["TRACE", "DEBUG", "INFO", "WARN", "ERROR", "FATAL"]).optional(),
      SystemLogLevel: z.enum(["DEBUG", "INFO", "WARN"]).optional(),
    })
    .optional(),
  SnapStart: z.strictObject({ ApplyOn: z.enum(["None", "PublishedVersions"]).optional() }).optional(),
  // Taken only where they say "nothing" [aws 4.6]; see refuseUnsupported.
  Layers: list.optional(),
  FileSystemConfigs: z.array(z.unknown()).optional(),
  KMSKeyArn: z.string().optional(),
  DeadLetterConfig: z.strictObject({ TargetArn: z.string().optional() }).optional(),
  VpcConfig: z
    .strictObject({
      SubnetIds: list.optional(),
      SecurityGroupIds: list.optional(),
      Ipv6AllowedForDualStack: z.boolean().optional(),
    })
    .optional(),
  ImageConfig: z
    .strictObject({ EntryPoint: list.optional(), Command: list.optional(), WorkingDirectory: z.string().optional() })
    .optional(),
};

const settingsSchema = z.strictObject(settingsInput);
export type SettingsInput = z.output<typeof settingsSchema>;

/** What a function has when nothing is said [aws 4.5]; Runtime, Handler and Role have no default. */
export function defaultSettings(name: string): FunctionSettings {
  return {
    runtime: "",
    handler: "",
    role: "",
    description: "",
    timeoutSeconds: 3,
    memoryMb: 128,
    ephemeralStorageMb: 512,
    environment: undefined,
    logGroup: `/aws/lambda/${name}`,
  };
}

/** The settings with the input merged in: a member left out keeps its value [aws 4.6]. Refuses as Lambda does. */
export function mergeSettings(account: Account, old: FunctionSettings, input: SettingsInput): FunctionSettings {
  if (input.Runtime !== undefined) checkRuntime(input.Runtime);
  if (input.Role !== undefined) checkRole(account, input.Role);
  if (input.Environment?.Variables !== undefined) checkEnvironment(input.Environment.Variables);
  refuseUnsupported(input);
  const { ApplicationLogLevel, SystemLogLevel } = input.LoggingConfig ?? {};
  if (ApplicationLogLevel !== undefined || SystemLogLevel !== undefined) {
    throw invalidParameter("To set a log level, the log format must be JSON.");
  }
  return {
    runtime: input.Runtime ?? old.runtime,
    handler: input.Handler ?? old.handler,
    role: input.Role ?? old.role,
    description: input.Description ?? old.description,
    timeoutSeconds: input.Timeout ?? old.timeoutSeconds,
    memoryMb: input.MemorySize ?? old.memoryMb,
    ephemeralStorageMb: input.EphemeralStorage?.Size ?? old.ephemeralStorageMb,
    // [aws 4.6] the whole map is replaced; an Environment without Variables keeps it.
    environment: input.Environment?.Variables ?? old.environment,
    logGroup: input.LoggingConfig?.LogGroup ?? old.logGroup,
  };
}

/** Refuses the settings AWS has and the local AWS does not, unless they ask for nothing or for what is there anyhow. */
function refuseUnsupported({ VpcConfig: vpc, ImageConfig: image, ...input }: SettingsInput): void {
  const asked: Readonly<Record<string, readonly unknown[]>> = {
    TracingConfig: input.TracingConfig?.Mode === "Active" ? ["Active"] : [],
    LoggingConfig: input.LoggingConfig?.LogFormat === "JSON" ? ["JSON"] : [],
    SnapStart: input.SnapStart?.ApplyOn === "PublishedVersions" ? ["PublishedVersions"] : [],
    Layers: input.Layers ?? [],
    FileSystemConfigs: input.FileSystemConfigs ?? [],
    KMSKeyArn: [input.KMSKeyArn],
    DeadLetterConfig: [input.DeadLetterConfig?.TargetArn],
    VpcConfig: [...(vpc?.SubnetIds ?? []), ...(vpc?.SecurityGroupIds ?? []), vpc?.Ipv6AllowedForDualStack],
    ImageConfig: [...(image?.EntryPoint ?? []), ...(image?.Command ?? []), image?.WorkingDirectory],
  };
  const [name] = Object.entries(asked).find(([, values]) => values.some(Boolean)) ?? [];
  if (name !== undefined) throw notImplemented(`the input member ${name} of Lambda with this value`);
}

/** Lambda takes a role only when it can assume it now; a fresh role it cannot yet [aws 3.6, 4.3]. */
function checkRole(account: Account, arn: string): void {
  if (arn.split(":")[4] !== account.accountId) {
    throw new AwsError("AccessDeniedException", 403, "Cross-account pass role is not allowed.");
  }
  const role = roleOfArn(account, arn);
  if (role === undefined || Date.now() < role.assumableAt || !trusts(role.trustPolicy, "lambda.amazonaws.com")) {
    throw invalidParameter("The role defined for the function cannot be assumed by Lambda.");
  }
}
