import { DeleteFunctionCommand, TagResourceCommand, UntagResourceCommand } from "@aws-sdk/client-lambda";
import { unlessMissing } from "../failures.ts";
import type { Change, Kind } from "../kind.ts";
import { until } from "../retry.ts";
import { diffProperties } from "./changes.ts";
import { type FunctionLive, liveFunction, refusalOf } from "./function-live.ts";
import { readFunction } from "./function-read.ts";
import { isBusy, settled, settleWait } from "./function-state.ts";
import { afterwards, createFunction, EVERYTHING, type FunctionProps, updateFunction } from "./function-write.ts";
import { diffTags, isOwned, tagDelta } from "./tags.ts";

export const lambdaFunction: Kind<FunctionProps, FunctionLive, { readonly functionName: string }> = {
  type: "lambda.function",

  async read(ctx, { functionName }) {
    const found = await readFunction(ctx, functionName);
    if (found === undefined) return undefined;
    const live = liveFunction(found);
    const refusal = refusalOf(found);
    return { live, owned: isOwned(ctx, live.tags), ...(refusal === undefined ? {} : { refusal }) };
  },

  diff(want, live) {
    const { roleArn, runtime, handler, description, timeout, memory, logGroupName, architecture } = want;
    return [
      ...diffProperties({ roleArn, runtime, handler, description, timeout, memory, logGroupName, architecture }, live),
      ...diffProperties({ state: "Active" }, live).map((change) => ({ ...change, replaces: isUseless(live) })),
      ...(isNewer(want.roleCreatedAt, live.lastModified) ? [{ path: "roleArn", to: "(the role was made anew)" }] : []),
      ...diffEnvironment(want.environment, live.environment),
      ...(want.code.sha256 === live.codeSha256 ? [] : [{ path: "code", from: live.codeSha256, to: want.code.sha256 }]),
      ...diffTags(want.tags, live.tags),
    ];
  },

  async apply(ctx, want, live, changes) {
    if (live === undefined) return createFunction(ctx, want);
    if (isUseless(live)) {
      await lambdaFunction.remove(ctx, live);
      return createFunction(ctx, want);
    }
    if (live.state === "Pending" || live.state === "UpdateInProgress") await settled(ctx, want.functionName);
    // A failed update left the old code or configuration, whatever is shown; an update also wakes an idle function.
    const isBroken = live.state !== "Active" && live.state !== "Pending" && live.state !== "UpdateInProgress";
    await updateFunction(ctx, want, isBroken ? [...changes, ...EVERYTHING] : changes);
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

/** A function whose creation failed can be neither used nor updated. */
function isUseless({ state }: FunctionLive): boolean {
  return state === "Failed";
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
