// How a function is created and changed.
import {
  type Architecture,
  CreateFunctionCommand,
  type Runtime,
  UpdateFunctionCodeCommand,
  UpdateFunctionConfigurationCommand,
} from "@aws-sdk/client-lambda";
import { isError } from "../failures.ts";
import type { Change, Ctx } from "../kind.ts";
import { type Wait, within } from "../retry.ts";
import { touches } from "./changes.ts";
import type { FunctionLive, FunctionSettings } from "./function-live.ts";
import { isBusy, settled, settleWait } from "./function-state.ts";
import { placeholderZip } from "./placeholder-zip.ts";
import type { Tags } from "./tags.ts";

/** A role can take minutes to become assumable; 48 s have been seen not to be enough [aws 1.4]. */
const ROLE_LIMIT_MS = 180_000;
/** A zip above this is not sent again with every attempt while the role propagates. */
const SMALL_ZIP_BYTES = 1024 * 1024;

const ROLE_NOT_READY =
  /cannot be assumed by Lambda|execution role does not have permissions|KMS key is invalid for CreateGrant/i;

export interface FunctionProps extends FunctionSettings {
  readonly functionName: string;
  readonly architecture: Architecture;
  readonly environment: Readonly<Record<string, string>>;
  readonly roleCreatedAt: Date | undefined;
  readonly code: { readonly zip: Uint8Array; readonly sha256: string };
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

/** What a function needs whose last update failed. */
export const EVERYTHING: readonly Change[] = [{ path: "runtime" }, { path: "code" }];

/**
 * Creates the function and waits until it is Active.
 * @throws Lambda's refusal when the role does not become assumable in time; GatewayError Timeout, FunctionFailed
 */
export async function createFunction(ctx: Ctx, want: FunctionProps): Promise<FunctionLive> {
  const wait = {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what: "the new role to become assumable by Lambda",
    limitMs: ROLE_LIMIT_MS,
    pauseMs: (n: number) => (n <= 40 ? 250 : 2_000),
  };
  const isLarge = want.code.zip.length > SMALL_ZIP_BYTES;
  const { arn, sentAll } = await untilTaken(wait, isRoleNotReady, async (n) => {
    const sentAll = n === 1 || !isLarge;
    const created = await ctx.aws.lambda.send(
      new CreateFunctionCommand({
        FunctionName: want.functionName,
        ...configuration(want),
        Architectures: [want.architecture],
        Code: { ZipFile: sentAll ? want.code.zip : await placeholderZip() },
        Tags: { ...want.tags },
      }),
    );
    return { arn: created.FunctionArn ?? "", sentAll };
  });
  await settled(ctx, want.functionName);
  if (!sentAll) await updateCode(ctx, want);
  return afterwards(want, arn);
}

/**
 * Sends what the changes name, and waits until it holds. Configuration and code are two updates with a wait between
 * [aws 4.4]; new code may need the new environment.
 * @throws GatewayError Timeout, FunctionFailed
 */
export async function updateFunction(ctx: Ctx, want: FunctionProps, changes: readonly Change[]): Promise<void> {
  if (touches(changes, ...CONFIGURATION)) {
    const input = { FunctionName: want.functionName, ...configuration(want) };
    const wait = settleWait(ctx, `function ${want.functionName} to accept its new configuration`);
    // The role may be as new as on creation, when somebody deleted the old one.
    const isCurable = (error: unknown) => isRoleNotReady(error) || isBusy(error);
    await untilTaken(wait, isCurable, () => ctx.aws.lambda.send(new UpdateFunctionConfigurationCommand(input)));
    await settled(ctx, want.functionName);
  }
  if (touches(changes, "code", "architecture")) await updateCode(ctx, want);
}

/** A role created seconds ago causes it, and waiting cures it [aws 4.3]. */
function isRoleNotReady(error: unknown): boolean {
  return isError(error, ["InvalidParameterValueException"], ROLE_NOT_READY);
}

/**
 * Sends until Lambda takes it.
 * @throws at the limit, Lambda's last refusal, which says more than that the time is up
 */
async function untilTaken<T>(
  wait: Wait,
  isCurable: (error: unknown) => boolean,
  send: (n: number) => Promise<T>,
): Promise<T> {
  let refusal: unknown;
  const taken = await within(wait, async (n) => {
    try {
      return { done: { answer: await send(n) } };
    } catch (error) {
      if (!(error instanceof Error && isCurable(error))) throw error;
      refusal = error;
      return { notYet: error.message };
    }
  });
  if (taken === undefined) throw refusal;
  return taken.answer;
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

/** The function as it is after a write, which was waited for. */
export function afterwards({ code, ...want }: FunctionProps, arn: string): FunctionLive {
  const { sha256: codeSha256, zip } = code;
  return { ...want, arn, codeSha256, codeSize: zip.length, lastModified: undefined, state: "Active" };
}
