import { GetFunctionConfigurationCommand } from "@aws-sdk/client-lambda";
import { GatewayError } from "../../errors.ts";
import { isError, unlessMissing } from "../failures.ts";
import type { Ctx } from "../kind.ts";
import { until } from "../retry.ts";
import { shown } from "./shown.ts";

/** Ordinary functions take seconds; ten minutes is Terraform's limit too [aws 1.4]. */
const SETTLE_LIMIT_MS = 600_000;

/** How to wait for a function that is being created or updated. */
export function settleWait(ctx: Ctx, what: string) {
  return {
    clock: ctx.clock,
    signal: ctx.signal,
    waiting: ctx.waiting,
    what,
    limitMs: SETTLE_LIMIT_MS,
    // Creating usually takes 1 to 5 s [aws 4.4], and this read is cheap.
    pauseMs: (n: number) => (n <= 20 ? 200 : 2_000),
  };
}

/** Lambda is still busy with an earlier change of the function; waiting cures it [aws 1.4]. */
export function isBusy(error: unknown): error is Error {
  return isError(error, ["ResourceConflictException"], /in progress|following state|concurrent update operation/i);
}

/** Waits until somebody has created the function. */
export async function created(ctx: Ctx, FunctionName: string): Promise<void> {
  await until(settleWait(ctx, `function ${FunctionName} to be created`), async () => {
    const found = await unlessMissing(ctx.aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName })));
    return found === undefined ? { notYet: "it does not exist" } : { done: undefined };
  });
}

/**
 * Waits until the function is Active and its last update is through.
 * @throws GatewayError FunctionFailed with Lambda's reason when the creation or the update failed
 */
export async function settled(ctx: Ctx, FunctionName: string): Promise<void> {
  await until(settleWait(ctx, `function ${FunctionName} to become active`), async () => {
    // Not the SDK's waiter: it polls on after AccessDenied, and its error dumps the environment [aws 1.3].
    const read = () => ctx.aws.lambda.send(new GetFunctionConfigurationCommand({ FunctionName }));
    const now = await shown(ctx, `function ${FunctionName}`, read);
    if (now.State === "Failed" || now.LastUpdateStatus === "Failed") {
      const code = now.LastUpdateStatusReasonCode || now.StateReasonCode || "no reason given";
      throw new GatewayError("FunctionFailed", `Lambda could not set up function ${FunctionName}: ${code}`, {
        hint: now.LastUpdateStatusReason || now.StateReason || "Try again; Lambda gave no reason.",
      });
    }
    // A missing LastUpdateStatus means in progress, as Terraform reads it [aws 4.4].
    if (now.State === "Active" && now.LastUpdateStatus === "Successful") return { done: undefined };
    return { notYet: `State ${now.State}, LastUpdateStatus ${now.LastUpdateStatus}` };
  });
}
