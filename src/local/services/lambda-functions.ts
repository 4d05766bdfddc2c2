import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { LambdaFunction } from "../store.ts";
import { page } from "../wire/pages.ts";
import { tagMap, textInteger } from "../wire/validation.ts";
import { readCode } from "./lambda-code.ts";
import {
  checkRevision,
  conflict,
  findFunction,
  functionReference,
  invalidParameter,
  operation,
  refusePublish,
  resolveFunction,
  target,
} from "./lambda-model.ts";
import { defaultSettings, mergeSettings, settingsInput } from "./lambda-settings.ts";
import { refuseWhileChanging, refuseWhilePending, settle, startChange, stateOut } from "./lambda-state.ts";
import { mergedFunctionTags } from "./lambda-tags.ts";

const architectures = z.array(z.enum(["x86_64", "arm64"])).length(1);
const zipFile = z.string().optional();

/** [aws 4.1] whatever MaxItems says. */
const FUNCTIONS_PER_PAGE = 50;

export const functionOperations = {
  CreateFunction: operation(
    z.strictObject({
      ...settingsInput,
      FunctionName: functionReference,
      Role: settingsInput.Role.nonoptional(),
      Code: z.strictObject({ ZipFile: zipFile }),
      PackageType: z.enum(["Zip", "Image"]).optional(),
      Architectures: architectures.optional(),
      Publish: z.boolean().optional(),
      Tags: tagMap.optional(),
    }),
    (account, input) => {
      const { name, arn } = resolveFunction(account, input.FunctionName);
      refusePublish(input.Publish);
      if (input.PackageType === "Image") throw notImplemented("container image functions");
      if (input.Runtime === undefined || input.Handler === undefined) {
        throw invalidParameter(
          "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        );
      }
      if (account.functions.has(name)) throw conflict(`Function already exist: ${name}`);
      const fn: LambdaFunction = {
        name,
        arn,
        settings: mergeSettings(account, defaultSettings(name), input),
        code: readCode(input.Code.ZipFile, input.Architectures?.[0] ?? "x86_64"),
        revisionId: "",
        lastModified: new Date(),
        change: undefined,
        serving: undefined,
        tags: mergedFunctionTags(new Map(), input.Tags ?? {}),
        policy: [],
      };
      startChange(account, fn, "create");
      account.functions.set(name, fn);
      return configurationOut(fn);
    },
  ),

  GetFunction: operation(z.strictObject(target), (account, input) => {
    const fn = findFunction(account, input);
    return {
      Configuration: configurationOut(fn),
      Code: { RepositoryType: "S3", Location: `${account.url}/_llm-gw/code/${fn.name}` },
      Tags: fn.tags.size > 0 ? Object.fromEntries(fn.tags) : undefined,
    };
  }),

  GetFunctionConfiguration: operation(z.strictObject(target), (account, input) =>
    configurationOut(findFunction(account, input)),
  ),

  ListFunctions: operation(
    z.strictObject({ Marker: z.string().min(1).optional(), MaxItems: textInteger(1, 10_000).optional() }),
    (account, input) => {
      const { items, next } = page(account.functions.values(), (fn) => fn.name, {
        token: input.Marker,
        size: Math.min(input.MaxItems ?? FUNCTIONS_PER_PAGE, FUNCTIONS_PER_PAGE),
        invalid: () => invalidParameter("Invalid Marker"),
      });
      for (const fn of items) settle(account, fn);
      return { Functions: items.map((fn) => ({ ...configurationOut(fn), ...NO_STATE })), NextMarker: next };
    },
  ),

  UpdateFunctionCode: operation(
    z.strictObject({
      FunctionName: functionReference,
      ZipFile: zipFile,
      Architectures: architectures.optional(),
      DryRun: z.boolean().optional(),
      Publish: z.boolean().optional(),
      RevisionId: z.string().optional(),
    }),
    (account, input) => {
      const fn = findFunction(account, input);
      refusePublish(input.Publish);
      refuseWhileChanging(fn);
      checkRevision(fn, input.RevisionId);
      const code = readCode(input.ZipFile, input.Architectures?.[0] ?? fn.code.architecture);
      if (!input.DryRun) {
        fn.code = code;
        startChange(account, fn, "update");
      }
      return configurationOut(fn);
    },
  ),

  UpdateFunctionConfiguration: operation(
    z.strictObject({ ...settingsInput, FunctionName: functionReference, RevisionId: z.string().optional() }),
    (account, input) => {
      const fn = findFunction(account, input);
      refuseWhileChanging(fn);
      checkRevision(fn, input.RevisionId);
      fn.settings = mergeSettings(account, fn.settings, input);
      startChange(account, fn, "update");
      return configurationOut(fn);
    },
  ),

  DeleteFunction: operation(z.strictObject(target), (account, input, context) => {
    const fn = findFunction(account, input);
    refuseWhilePending(fn);
    account.functions.delete(fn.name);
    context.runtime.retire(fn.arn);
  }),
};

/** [aws 4.1] a listing says nothing about states. */
const NO_STATE = {
  State: undefined,
  StateReason: undefined,
  StateReasonCode: undefined,
  LastUpdateStatus: undefined,
  LastUpdateStatusReason: undefined,
  LastUpdateStatusReasonCode: undefined,
};

function configurationOut(fn: LambdaFunction): object {
  const { settings } = fn;
  return {
    FunctionName: fn.name,
    FunctionArn: fn.arn,
    Runtime: settings.runtime,
    Role: settings.role,
    Handler: settings.handler,
    CodeSize: fn.code.zip.length,
    Description: settings.description,
    Timeout: settings.timeoutSeconds,
    MemorySize: settings.memoryMb,
    LastModified: fn.lastModified.toISOString().replace("Z", "+0000"),
    CodeSha256: fn.code.sha256,
    Version: "$LATEST",
    Environment: settings.environment && { Variables: settings.environment },
    TracingConfig: { Mode: settings.tracingMode },
    RevisionId: fn.revisionId,
    ...stateOut(fn),
    PackageType: "Zip",
    Architectures: [fn.code.architecture],
    EphemeralStorage: { Size: settings.ephemeralStorageMb },
    SnapStart: { ApplyOn: "None", OptimizationStatus: "Off" },
    LoggingConfig: {
      LogFormat: settings.logging.format,
      LogGroup: settings.logging.group,
      ApplicationLogLevel: settings.logging.applicationLevel,
      SystemLogLevel: settings.logging.systemLevel,
    },
  };
}
