import {
  type Architecture,
  CreateFunctionCommand,
  DeleteFunctionCommand,
  type FunctionConfiguration,
  type GetFunctionCommandOutput,
  type Runtime,
  TagResourceCommand,
  UntagResourceCommand,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { isError, unlessMissing } from "../failures.ts";
import type { Change, Ctx, Kind, Observed } from "../kind.ts";
import { until } from "../retry.ts";
import { diffProperties, touches } from "./changes.ts";
import { functionTags, readFunction } from "./function-read.ts";
import { isBusy, settled, settleWait } from "./function-state.ts";
import { placeholderZip } from "./placeholder-zip.ts";
import { diffTags, isOwned, type Tags, tagDelta } from "./tags.ts";

/** A role can take minutes to become assumable; 48 s have been seen not to be enough [aws 1.4]. */
const ROLE_LIMIT_MS = 180_000;
/** A zip above this is not sent again with every attempt while the role propagates. */
const SMALL_ZIP_BYTES = 1024 * 1024;

/** The errors that a role, created seconds ago, causes and that waiting cures [aws 4.3]. */
const ROLE_NOT_READY =
  /cannot be assumed by Lambda|execution role does not have permissions|KMS key is invalid for CreateGrant/i;

interface Settings {
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

interface FunctionProps extends Settings {
  readonly functionName: string;
  readonly architecture: Architecture;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleCreatedAt: Date | undefined;
  readonly code: { readonly zip: Uint8Array; readonly sha256: string };
  readonly tags: Tags;
}

interface FunctionLive extends Settings {
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

const CONFIGURATION = [
  "roleArn",
  "runtime",
  "handler",
  "description",
  "timeout",
  "memory",
  "logGroupName",
  "environment",
];

const EVERYTHING: readonly Change[] = [{ path: "runtime" }, { path: "code" }];

export const lambdaFunction: Kind<FunctionProps, FunctionLive, { readonly functionName: string }> = {
  type: "lambda.function",

  async read(ctx, { functionName }) {
    const found = await readFunction(ctx, functionName);
    if (found === undefined) return undefined;
    const live = fromAws(found);
    const refusal = refusalOf(found);
    return { live, owned: isOwned(ctx, live.tags), ...(refusal === undefined ? {} : { refusal }) };
  },

  diff(want, live) {
    const { roleArn, runtime, handler, description, timeout, memory, logGroupName, architecture } = want;
    return [
      ...diffProperties(
        { roleArn, runtime, handler, description, timeout, memory, logGroupName, architecture, state: "Active" },
        live,
      ),
      ...(isNewer(want.roleCreatedAt, live.lastModified) ? [{ path: "roleArn", to: "(the role was made anew)" }] : []),
      ...diffEnvironment(want.environment, live.environment),
      ...(want.code.sha256 === live.codeSha256 ? [] : [{ path: "code", from: live.codeSha256, to: want.code.sha256 }]),
      ...diffTags(want.tags, live.tags),
    ];
  },

  async apply(ctx, want, live, changes) {
    if (live === undefined) return create(ctx, want);
    if (live.state === "Failed") {
      // A function whose creation failed can be neither used nor updated.
      await lambdaFunction.remove(ctx, live);
      return create(ctx, want);
    }
    if (live.state === "Pending" || live.state === "UpdateInProgress") await settled(ctx, want.functionName);
    // A failed update left the old code or configuration, whatever is shown; an update also wakes an idle function.
    const isBroken = live.state !== "Active" && live.state !== "Pending" && live.state !== "UpdateInProgress";
    await update(ctx, want, isBroken ? [...changes, ...EVERYTHING] : changes);
    const { set, removed } = tagDelta(want.tags, live.tags);
    if (set) await ctx.aws.lambda.send(new TagResourceCommand({ Resource: live.arn, Tags: { ...set } }));
    if (removed) await ctx.aws.lambda.send(new UntagResourceCommand({ Resource: live.arn, TagKeys: removed }));
    return afterwards(want, live.arn);
  },

  async remove(ctx, { functionName }) {
    const wait = settleWait(ctx, `function ${functionName} to accept its deletion`);
    await until(wait, async () => {
      try {
        await unlessMissing(ctx.aws.lambda.send(new DeleteFunctionCommand({ FunctionName: functionName })));
        return { done: undefined };
      } catch (error) {
        // Refused while the function is Pending [aws 4.4].
        if (isBusy(error)) return { notYet: error.message };
        throw error;
      }
    });
  },

  remember: ({ functionName, arn }) => ({ functionName, arn }),
};

async function create(ctx: Ctx, want: FunctionProps): Promise<FunctionLive> {
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: "the new role to become assumable by Lambda",
    limitMs: ROLE_LIMIT_MS,
    pauseMs: (n: number) => (n <= 40 ? 250 : 2_000),
  };
  const isLarge = want.code.zip.length > SMALL_ZIP_BYTES;
  const { arn, sentAll } = await until(wait, async (n) => {
    const sentAll = n === 1 || !isLarge;
    try {
      const created = await ctx.aws.lambda.send(
        new CreateFunctionCommand({
          FunctionName: want.functionName,
          ...configuration(want),
          Architectures: [want.architecture],
          Code: { ZipFile: sentAll ? want.code.zip : await placeholderZip() },
          Tags: { ...want.tags },
        }),
      );
      return { done: { arn: created.FunctionArn ?? "", sentAll } };
    } catch (error) {
      if (isError(error, ["InvalidParameterValueException"], ROLE_NOT_READY)) return { notYet: error.message };
      throw error;
    }
  });
  await settled(ctx, want.functionName);
  if (!sentAll) await updateCode(ctx, want);
  return afterwards(want, arn);
}

/** Configuration and code are two updates with a wait between [aws 4.4]; new code may need the new environment. */
async function update(ctx: Ctx, want: FunctionProps, changes: readonly Change[]): Promise<void> {
  if (touches(changes, ...CONFIGURATION)) {
    const input = { FunctionName: want.functionName, ...configuration(want) };
    const wait = settleWait(ctx, `function ${want.functionName} to accept its new configuration`);
    await until(wait, async () => {
      try {
        await ctx.aws.lambda.send(new UpdateFunctionConfigurationCommand(input));
        return { done: undefined };
      } catch (error) {
        // The role may be as new as on creation, when somebody deleted the old one.
        const isRoleNotReady = isError(error, ["InvalidParameterValueException"], ROLE_NOT_READY);
        if (error instanceof Error && (isRoleNotReady || isBusy(error))) return { notYet: error.message };
        throw error;
      }
    });
    await settled(ctx, want.functionName);
  }
  if (touches(changes, "code", "architecture")) await updateCode(ctx, want);
}

/** The architecture can change only together with the code [aws 4.6]. */
async function updateCode(ctx: Ctx, want: FunctionProps): Promise<void> {
  await ctx.aws.lambda.send(
    new UpdateFunctionCodeCommand({
      FunctionName: want.functionName,
      ZipFile: want.code.zip,
      Architectures: [want.architecture],
    }),
  );
  await settled(ctx, want.functionName);
}

function configuration(want: FunctionProps) {
  return {
    Role: want.roleArn,
    // A region may know runtimes that this version of the SDK does not [aws 4.10].
    Runtime: want.runtime as Runtime,
    Handler: want.handler,
    Description: want.description,
    Timeout: want.timeout,
    MemorySize: want.memory,
    // An empty map clears; leaving it out would keep what is there [aws 4.6].
    Environment: { Variables: { ...want.environment } },
    LoggingConfig: { LogGroup: want.logGroupName },
  };
}

/** Names only: values may be secrets. */
function diffEnvironment(want: Readonly<Record<string, string>>, live: Readonly<Record<string, string>>): Change[] {
  const names = [...new Set([...Object.keys(want), ...Object.keys(live)])].sort();
  return names.flatMap((name) => {
    if (want[name] === live[name]) return [];
    const to = live[name] === undefined ? "(added)" : want[name] === undefined ? "(removed)" : "(changed)";
    return [{ path: `environment.${name}`, to }];
  });
}

/** Lambda's grants are for the role it was given, not for a later one of the same name [aws 3.6]. */
function isNewer(role: Date | undefined, fn: Date | undefined): boolean {
  return role !== undefined && fn !== undefined && role > fn;
}

function refusalOf({ Configuration }: GetFunctionCommandOutput): Observed<FunctionLive>["refusal"] {
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

function fromAws(found: GetFunctionCommandOutput): FunctionLive {
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

function afterwards({ code, ...want }: FunctionProps, arn: string): FunctionLive {
  const { sha256: codeSha256, zip } = code;
  return { ...want, arn, codeSha256, codeSize: zip.length, lastModified: undefined, state: "Active" };
}
