import { AddPermissionCommand, GetPolicyCommand, RemovePermissionCommand } from "@aws-sdk/client-lambda";
import { unlessMissing } from "../failures.ts";
import type { Ctx, Kind } from "../kind.ts";
import { until } from "../retry.ts";
import { diffProperties } from "./changes.ts";
import { isBusy, settleWait } from "./function-state.ts";

interface PermissionKey {
  readonly functionName: string;
  readonly statementId: string;
}

interface Permission extends PermissionKey {
  readonly principal: string;
  readonly action: string;
  readonly sourceArn: string;
}

interface PermissionLive extends Permission {
  readonly effect: string;
  /** Names of what else has to hold, which nobody configured here. */
  readonly conditions: readonly string[];
}

/** What AddPermission makes of what we send [aws 4.7]. */
const PLAIN = { effect: "Allow", conditions: [] };

/** The statement of the function's policy that lets API Gateway call it. */
export const permission: Kind<Permission, PermissionLive, PermissionKey> = {
  type: "lambda.permission",

  async read(ctx, key) {
    const found = await unlessMissing(ctx.aws.lambda.send(new GetPolicyCommand({ FunctionName: key.functionName })));
    const live = findStatement(key, found?.Policy);
    return live && { live, owned: true };
  },

  diff({ principal, action, sourceArn }, live) {
    // There is no update call [aws 4.7].
    return diffProperties({ principal, action, sourceArn, ...PLAIN }, live).map((change) => ({
      ...change,
      replaces: true,
    }));
  },

  async apply(ctx, want, live) {
    if (live !== undefined) await permission.remove(ctx, live);
    const command = new AddPermissionCommand({
      FunctionName: want.functionName,
      StatementId: want.statementId,
      Action: want.action,
      Principal: want.principal,
      SourceArn: want.sourceArn,
    });
    await whenFree(ctx, want.functionName, () => ctx.aws.lambda.send(command));
    return { ...want, ...PLAIN };
  },

  async remove(ctx, { functionName, statementId }) {
    const command = new RemovePermissionCommand({ FunctionName: functionName, StatementId: statementId });
    await whenFree(ctx, functionName, () => unlessMissing(ctx.aws.lambda.send(command)));
  },

  remember: ({ functionName, statementId }) => ({ functionName, statementId }),
};

/** Parallel changes of one function's policy are refused [aws 4.7]. */
function whenFree<T>(ctx: Ctx, functionName: string, send: () => Promise<T>): Promise<T> {
  return until(settleWait(ctx, `function ${functionName} to accept a change of its policy`), async () => {
    try {
      return { done: await send() };
    } catch (error) {
      if (isBusy(error)) return { notYet: error.message };
      throw error;
    }
  });
}

interface StoredStatement {
  readonly Sid?: unknown;
  readonly Effect?: unknown;
  readonly Action?: unknown;
  readonly Principal?: { readonly Service?: unknown };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function findStatement(key: PermissionKey, policy: string | undefined): PermissionLive | undefined {
  if (policy === undefined) return undefined;
  const document: { readonly Statement?: readonly StoredStatement[] } = JSON.parse(policy);
  const found = document.Statement?.find(({ Sid }) => Sid === key.statementId);
  if (found === undefined) return undefined;
  const conditions = Object.values(found.Condition ?? {}).flatMap((one) => Object.entries(one));
  const source = conditions.find(([name]) => isSourceArn(name));
  return {
    ...key,
    effect: String(found.Effect),
    principal: String(found.Principal?.Service),
    action: String(found.Action),
    sourceArn: source === undefined ? "" : String(source[1]),
    conditions: conditions.flatMap(([name]) => (isSourceArn(name) ? [] : [name])),
  };
}

/** The condition keys come back in another spelling than IAM's own (`AWS:SourceArn`) [aws 4.7]. */
function isSourceArn(name: string): boolean {
  return name.toLowerCase() === "aws:sourcearn";
}
