import * as z from "zod";
import type { ConcurrencyPool } from "../metered-runtime.ts";
import type { Account } from "../store/account.ts";
import { UNZIPPED_LIMIT, ZIP_LIMIT } from "./lambda-code.ts";
import { findFunction, functionReference, invalidParameter, operation } from "./lambda-model.ts";
import { statesOf } from "./lambda-versions.ts";

/** Executions at a time of an account in one Region, and those nobody may reserve [aws 4.9]. */
const ACCOUNT_LIMIT = 1000;
const UNRESERVED_MINIMUM = 100;

/** Bytes of all code of an account in one Region [aws 4.9]. */
const CODE_LIMIT = 80_530_636_800;

const target = { FunctionName: functionReference };

export const concurrencyOperations = {
  PutFunctionConcurrency: operation(
    z.strictObject({ ...target, ReservedConcurrentExecutions: z.number().int().min(0) }),
    (account, input) => {
      const fn = findFunction(account, input);
      const { ReservedConcurrentExecutions: wanted } = input;
      const left = unreserved(account) + (fn.reservedConcurrency ?? 0) - wanted;
      if (left < UNRESERVED_MINIMUM) {
        throw invalidParameter(
          `Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below its minimum value of [${UNRESERVED_MINIMUM}].`,
        );
      }
      fn.reservedConcurrency = wanted;
      return { ReservedConcurrentExecutions: wanted };
    },
  ),

  GetFunctionConcurrency: operation(z.strictObject(target), (account, input) => ({
    ReservedConcurrentExecutions: findFunction(account, input).reservedConcurrency,
  })),

  DeleteFunctionConcurrency: operation(z.strictObject(target), (account, input) => {
    findFunction(account, input).reservedConcurrency = undefined;
  }),

  GetAccountSettings: operation(z.strictObject({}), (account) => {
    const functions = [...account.functions.values()];
    const TotalCodeSize = functions.flatMap(statesOf).reduce((bytes, { code }) => bytes + code.zip.length, 0);
    return {
      AccountLimit: {
        TotalCodeSize: CODE_LIMIT,
        CodeSizeUnzipped: UNZIPPED_LIMIT,
        CodeSizeZipped: ZIP_LIMIT,
        ConcurrentExecutions: ACCOUNT_LIMIT,
        UnreservedConcurrentExecutions: unreserved(account),
      },
      AccountUsage: { TotalCodeSize, FunctionCount: functions.length },
    };
  }),
};

/** What the executions of a function, all its versions together, are counted against. */
export function concurrencyPool(account: Account, functionName: string): ConcurrencyPool {
  const reserved = account.functions.get(functionName)?.reservedConcurrency;
  return reserved === undefined
    ? { name: account.region, limit: unreserved(account), reason: "ConcurrentInvocationLimitExceeded" }
    : {
        name: `${account.region}/${functionName}`,
        limit: reserved,
        reason: "ReservedFunctionConcurrentInvocationLimitExceeded",
      };
}

function unreserved(account: Account): number {
  const reserved = [...account.functions.values()].map((fn) => fn.reservedConcurrency ?? 0);
  return reserved.reduce((left, one) => left - one, ACCOUNT_LIMIT);
}
