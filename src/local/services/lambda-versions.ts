import { randomUUID } from "node:crypto";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod";
import type { Account } from "../store/account.ts";
import type { FunctionState, LambdaFunction } from "../store/lambda.ts";
import {
  checkRevision,
  conflict,
  findFunction,
  functionReference,
  invalidParameter,
  listing,
  notFound,
  operation,
  paging,
} from "./lambda-model.ts";
import { configurationOut, listedOut } from "./lambda-output.ts";
import { refuseWhileChanging, serve, settle } from "./lambda-state.ts";

export const versionOperations = {
  PublishVersion: operation(
    z.strictObject({
      FunctionName: functionReference,
      CodeSha256: z.string().optional(),
      Description: z.string().max(256).optional(),
      RevisionId: z.string().optional(),
    }),
    (account, input) => {
      const fn = findFunction(account, input);
      refuseWhileChanging(fn);
      checkRevision(fn, input.RevisionId);
      const { CodeSha256: wanted } = input;
      if (wanted !== undefined && wanted !== "" && wanted !== fn.code.sha256) {
        throw invalidParameter(
          `CodeSHA256 (${wanted}) is different from current CodeSHA256 in $LATEST (${fn.code.sha256}). Please try again with the CodeSHA256 in $LATEST.`,
        );
      }
      return configurationOut(publish(account, fn, input.Description));
    },
  ),

  ListVersionsByFunction: operation(
    z.strictObject({ FunctionName: functionReference, ...paging }),
    (account, input) => {
      const fn = findFunction(account, input);
      const { items, next } = listing(account, statesOf(fn), (state) => sortKey(state.version), input);
      return { Versions: items.map((state) => listedOut(state, versionArn(state))), NextMarker: next };
    },
  ),
};

/**
 * Publishes `$LATEST` as it is; while it is still changing, the version becomes active together with it. An unchanged
 * `$LATEST` makes no new version, and no number is given twice.
 */
export function publish(account: Account, fn: LambdaFunction, description?: string): FunctionState {
  const { settings, code, published } = fn;
  const last = fn.versions.get(String(published?.number));
  if (last !== undefined && isDeepStrictEqual([settings, codeKey(fn)], [published?.settings, codeKey(published)])) {
    settle(account, last);
    return last;
  }
  const number = (published?.number ?? 0) + 1;
  const state: FunctionState = {
    name: fn.name,
    version: String(number),
    arn: `${fn.arn}:${number}`,
    settings: { ...settings, description: description ?? settings.description },
    code,
    revisionId: randomUUID(),
    lastModified: fn.lastModified,
    change: fn.change && { kind: "create", settlesAt: fn.change.settlesAt },
    serving: undefined,
    policy: [],
  };
  if (state.change === undefined) state.serving = serve(account, state);
  fn.versions.set(state.version, state);
  fn.published = { number, settings, code };
  // Seen on AWS by localstack: publishing is a revision of $LATEST, too.
  fn.revisionId = randomUUID();
  return state;
}

/** Deletes one version; refused while an alias points to it. */
export function deleteVersion(fn: LambdaFunction, version: string): void {
  if (!/^\d+$/.test(version)) throw invalidParameter("Deletion of aliases is not currently supported.");
  const users = [...fn.aliases.values()].filter(
    (alias) => alias.version === version || alias.weight?.version === version,
  );
  if (users.length > 0) {
    const names = users.map((alias) => alias.name).join(", ");
    throw conflict(`Unable to delete version because the following aliases reference it: [${names}]`);
  }
  // Unconfirmed: AWS may call a version that does not exist deleted.
  if (!fn.versions.delete(version)) throw notFound(`Function not found: ${fn.arn}:${version}`);
}

/** `$LATEST` and every version. */
export function statesOf(fn: LambdaFunction): FunctionState[] {
  return [fn, ...fn.versions.values()];
}

/** In a listing of versions `$LATEST` is qualified as well. */
export function versionArn(state: FunctionState): string {
  return state.version === "$LATEST" ? `${state.arn}:$LATEST` : state.arn;
}

/** A key that puts `$LATEST` first and the versions in the order of their numbers. */
export function sortKey(version: string): string {
  return version === "$LATEST" ? "" : version.padStart(10, "0");
}

function codeKey(of: Pick<FunctionState, "code"> | undefined) {
  return [of?.code.sha256, of?.code.architecture];
}
