import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import type { LambdaFunction } from "../store/lambda.ts";
import { tagMap } from "../wire/validation.ts";
import { asyncEvents } from "./lambda-async.ts";
import { codeInput, readCode } from "./lambda-code.ts";
import {
  checkRevision,
  conflict,
  findFunction,
  functionReference,
  invalidName,
  invalidParameter,
  listing,
  operation,
  paging,
  resolveFunction,
  target,
} from "./lambda-model.ts";
import { configurationOut, listedOut } from "./lambda-output.ts";
import { findQualified, qualifiedArn } from "./lambda-qualifiers.ts";
import { defaultSettings, mergeSettings, settingsInput } from "./lambda-settings.ts";
import { refuseWhileChanging, refuseWhilePending, settle, startChange } from "./lambda-state.ts";
import { mergedFunctionTags } from "./lambda-tags.ts";
import { deleteVersion, publish, sortKey, statesOf, versionArn } from "./lambda-versions.ts";

const architectures = z.array(z.enum(["x86_64", "arm64"])).length(1);
export const functionOperations = {
  CreateFunction: operation(
    z.strictObject({
      ...settingsInput,
      FunctionName: functionReference,
      Role: settingsInput.Role.nonoptional(),
      Code: z.strictObject(codeInput),
      PackageType: z.enum(["Zip", "Image"]).optional(),
      Architectures: architectures.optional(),
      Publish: z.boolean().optional(),
      Tags: tagMap.optional(),
    }),
    (account, input) => {
      const { name, arn, qualifier } = resolveFunction(account, input);
      if (qualifier !== undefined) throw invalidName(input.FunctionName);
      if (input.PackageType === "Image") throw notImplemented("container image functions");
      if (input.Runtime === undefined || input.Handler === undefined) {
        throw invalidParameter(
          "Runtime and Handler are mandatory parameters for functions created with deployment packages.",
        );
      }
      if (account.functions.has(name)) throw conflict(`Function already exist: ${name}`);
      const fn: LambdaFunction = {
        name,
        version: "$LATEST",
        arn,
        settings: mergeSettings(account, defaultSettings(name), input),
        code: readCode(input.Code, input.Architectures?.[0] ?? "x86_64"),
        revisionId: "",
        lastModified: new Date(),
        change: undefined,
        serving: undefined,
        tags: mergedFunctionTags(new Map(), input.Tags ?? {}),
        policy: [],
        versions: new Map(),
        published: undefined,
        aliases: new Map(),
        reservedConcurrency: undefined,
        urls: new Map(),
      };
      startChange(account, fn, "create");
      account.functions.set(name, fn);
      // Seen on AWS by localstack: the answer shows the version, under the ARN of the function.
      return configurationOut(input.Publish ? publish(account, fn) : fn, arn);
    },
  ),

  GetFunction: operation(z.strictObject(target), (account, input) => {
    const { fn, version, arn } = findQualified(account, input);
    return {
      Configuration: configurationOut(version, arn),
      Code: { RepositoryType: "S3", Location: `${account.url}/_llm-gw/code/${fn.name}` },
      Tags: fn.tags.size > 0 ? Object.fromEntries(fn.tags) : undefined,
      Concurrency:
        fn.reservedConcurrency === undefined ? undefined : { ReservedConcurrentExecutions: fn.reservedConcurrency },
    };
  }),

  GetFunctionConfiguration: operation(z.strictObject(target), (account, input) => {
    const { version, arn } = findQualified(account, input);
    return configurationOut(version, arn);
  }),

  ListFunctions: operation(
    z.strictObject({ FunctionVersion: z.literal("ALL").optional(), ...paging }),
    (account, input) => {
      const functions = [...account.functions.values()];
      const all = input.FunctionVersion === "ALL";
      const states = all ? functions.flatMap(statesOf) : functions;
      const { items, next } = listing(account, states, (one) => `${one.name}:${sortKey(one.version)}`, input);
      for (const state of items) settle(account, state);
      return { Functions: items.map((one) => listedOut(one, all ? versionArn(one) : one.arn)), NextMarker: next };
    },
  ),

  UpdateFunctionCode: operation(
    z.strictObject({
      FunctionName: functionReference,
      ...codeInput,
      Architectures: architectures.optional(),
      DryRun: z.boolean().optional(),
      Publish: z.boolean().optional(),
      RevisionId: z.string().optional(),
    }),
    (account, input) => {
      const fn = findFunction(account, input);
      refuseWhileChanging(fn);
      checkRevision(fn, input.RevisionId);
      if (input.ImageUri !== undefined) {
        throw invalidParameter("Please don't provide ImageUri when updating a function with packageType Zip.");
      }
      const code = readCode(input, input.Architectures?.[0] ?? fn.code.architecture);
      if (input.DryRun) return configurationOut(fn);
      fn.code = code;
      startChange(account, fn, "update");
      return configurationOut(input.Publish ? publish(account, fn) : fn);
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

  /** Terraform asks for it after every change. No function has one: it cannot be set here. */
  GetFunctionCodeSigningConfig: operation(z.strictObject({ FunctionName: functionReference }), (account, input) => ({
    FunctionName: findFunction(account, input).name,
  })),

  DeleteFunction: operation(z.strictObject(target), (account, input, context) => {
    const { name, arn, qualifier } = resolveFunction(account, input);
    if (qualifier === "$LATEST") {
      throw invalidParameter("$LATEST version cannot be deleted without deleting the function.");
    }
    const fn = findFunction(account, { FunctionName: name });
    refuseWhilePending(fn);
    if (qualifier !== undefined) {
      deleteVersion(fn, qualifier);
      context.runtime.retire(qualifiedArn(arn, qualifier));
      return;
    }
    account.functions.delete(name);
    asyncEvents.drop(fn);
    for (const one of [undefined, "$LATEST", ...fn.versions.keys(), ...fn.aliases.keys()]) {
      context.runtime.retire(qualifiedArn(arn, one));
    }
  }),
};
