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

/** The statement of the function's policy that lets API Gateway call it. */
export const permission: Kind<Permission, Permission, PermissionKey> = {
  type: "lambda.permission",

  async read(ctx, key) {
    const found = await unlessMissing(ctx.aws.lambda.send(new GetPolicyCommand({ FunctionName: key.functionName })));
    const live = findStatement(key, found?.Policy);
    return live && { live, owned: true };
  },

  diff({ principal, action, sourceArn }, live) {
    // There is no update call [aws 4.7].
    return diffProperties({ principal, action, sourceArn }, live).map((change) => ({ ...change, replaces: true }));
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
    return want;
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
  readonly Action?: unknown;
  readonly Principal?: { readonly Service?: unknown };
  readonly Condition?: Readonly<Record<string, Readonly<Record<string, unknown>>>>;
}

function findStatement(key: PermissionKey, policy: string | undefined): Permission | undefined {
  if (policy === undefined) return undefined;
  const document: { readonly Statement?: readonly StoredStatement[] } = JSON.parse(policy);
  const found = document.Statement?.find(({ Sid }) => Sid === key.statementId);
  if (found === undefined) return undefined;
  return {
    ...key,
    principal: String(found.Principal?.Service),
    action: String(found.Action),
    sourceArn: sourceArnOf(found),
  };
}

/** The condition keys come back in another spelling than IAM's own (`AWS:SourceArn`) [aws 4.7]. */
function sourceArnOf({ Condition }: StoredStatement): string {
  const conditions = Object.values(Condition ?? {}).flatMap((one) => Object.entries(one));
  const found = conditions.find(([name]) => name.toLowerCase() === "aws:sourcearn");
  return found === undefined ? "" : String(found[1]);
}
