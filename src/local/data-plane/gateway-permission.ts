import { allows, type Caller } from "../function-policy.ts";
import type { CallableFunction } from "./account.ts";
import { type Exchange, executeApiArn } from "./exchange.ts";

/** Whether the function's policy lets this API call it: as `{stage}/{METHOD}/{path}` or `authorizers/{id}` [aws 4.7, 4.8]. */
export function mayCall(exchange: Exchange, fn: CallableFunction, tail: string): boolean {
  const { accountId } = exchange.account;
  const context = { "aws:sourcearn": executeApiArn(exchange, tail), "aws:sourceaccount": accountId };
  const caller: Caller = { action: "lambda:InvokeFunction", service: "apigateway.amazonaws.com", context };
  return fn.policy.some((statement) => allows(statement, caller));
}
