import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import { LOCAL_USER_NAME } from "../credentials.ts";
import { page } from "../wire/pages.ts";
import { findRole, invalidMarker, memberList, noSuchEntity, operation, paging, policyArn } from "./iam-model.ts";

const action = z.string().min(3).max(128);
const resource = z.string().min(1).max(2048);
const contextEntry = z.strictObject({
  ContextKeyName: z.string().min(5).max(256),
  ContextKeyValues: memberList(z.string()),
  ContextKeyType: z.enum(["string", "stringList", "numeric", "boolean", "ip", "date"]),
});

export const simulationOperations = {
  /** Nobody asks what the account's own user may do here, so that it may do everything. */
  SimulatePrincipalPolicy: operation(
    z.strictObject({
      PolicySourceArn: policyArn,
      ActionNames: z.array(action).min(1),
      ResourceArns: z.array(resource).optional(),
      ContextEntries: memberList(contextEntry).optional(),
      ...paging,
    }),
    (account, { PolicySourceArn: source, ActionNames, ResourceArns = ["*"], MaxItems, Marker }) => {
      const [, role] = /:role\/(?:.*\/)?([^/]+)$/.exec(source) ?? [];
      if (role !== undefined && findRole(account, role)) throw notImplemented("the simulation of a role");
      // The text is unconfirmed.
      if (source !== `arn:aws:iam::${account.accountId}:user/${LOCAL_USER_NAME}`) {
        throw noSuchEntity(`${source} cannot be found.`);
      }
      const results = ActionNames.flatMap((name) => ResourceArns.map((arn) => ({ name, arn })));
      const { items, next } = page(results, ({ name, arn }) => `${name} ${arn}`, {
        token: Marker,
        size: Math.min(MaxItems ?? 100, account.timing.pageSize),
        invalid: invalidMarker,
      });
      return {
        EvaluationResults: items.map(({ name, arn }) => ({
          EvalActionName: name,
          EvalResourceName: arn,
          EvalDecision: "allowed",
          MatchedStatements: [],
          MissingContextValues: [],
        })),
        IsTruncated: next !== undefined,
        Marker: next,
      };
    },
  ),
};
