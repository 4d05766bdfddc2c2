import type { FunctionVersion } from "../function-version.ts";
import type { Account } from "../store/account.ts";
import type { Alias, FunctionState, LambdaFunction, Permitted } from "../store/lambda.ts";
import { notFound, type Reference, resolveFunction } from "./lambda-model.ts";
import { settle } from "./lambda-state.ts";

/** What a function's name with or without a qualifier stands for. */
export interface Qualified {
  readonly fn: LambdaFunction;
  /** With the qualifier it was asked for by. */
  readonly arn: string;
  readonly alias: Alias | undefined;
  /** `$LATEST`, the version, or the version the alias points to. */
  readonly version: FunctionState;
}

/** The function with its version or alias; ResourceNotFoundException when there is none. */
export function findQualified(account: Account, reference: Reference): Qualified {
  const { name, arn, qualifier } = resolveFunction(account, reference);
  const found = lookUp(account, name, qualifier);
  if (found === undefined) throw notFound(`Function not found: ${qualifiedArn(arn, qualifier)}`);
  return found;
}

/** What an ARN names; undefined when this account and Region have no such function, version or alias. */
export function qualifiedByArn(account: Account, arn: string): Qualified | undefined {
  const [name = "", qualifier] = arn.split(":").slice(6);
  const found = lookUp(account, name, qualifier);
  return found?.arn === arn ? found : undefined;
}

/** Whose policy and revision belong to the name: the alias, the version or `$LATEST`. */
export function permittedOf({ alias, version }: Qualified): Permitted {
  return alias ?? version;
}

/**
 * What an invocation runs now; undefined while it is still being created. An alias with weights picks one of its two
 * versions at random, as AWS does.
 */
export function runnable({ fn, arn, alias, version }: Qualified): FunctionVersion | undefined {
  const weight = alias?.weight;
  const other = weight !== undefined && Math.random() < weight.share ? fn.versions.get(weight.version) : undefined;
  const serving = (other ?? version).serving;
  return serving && { ...serving, functionArn: arn };
}

function lookUp(account: Account, name: string, qualifier: string | undefined): Qualified | undefined {
  const fn = account.functions.get(name);
  if (fn === undefined) return undefined;
  const alias = qualifier === undefined ? undefined : fn.aliases.get(qualifier);
  const number = alias?.version ?? qualifier ?? "$LATEST";
  const version = number === "$LATEST" ? fn : fn.versions.get(number);
  if (version === undefined) return undefined;
  for (const state of [fn, ...fn.versions.values()]) settle(account, state);
  return { fn, arn: qualifiedArn(fn.arn, qualifier), alias, version };
}

export function qualifiedArn(arn: string, qualifier: string | undefined): string {
  return qualifier === undefined ? arn : `${arn}:${qualifier}`;
}
