import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { LambdaFunction, PolicyStatement } from "../store.ts";
import {
  checkRevision,
  conflict,
  findFunction,
  invalidParameter,
  notFound,
  operation,
  resolveFunction,
  target,
} from "./lambda-model.ts";
import { settle } from "./lambda-state.ts";

const statementId = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-zA-Z0-9-_]+$/);

/** Bytes of a function's whole resource policy [aws 4.9]. */
const POLICY_LIMIT = 20_480;

export const policyOperations = {
  AddPermission: operation(
    z.strictObject({
      ...target,
      StatementId: statementId,
      Action: z.string().regex(/^(lambda:\*|lambda:[a-zA-Z]+|\*)$/),
      Principal: z.string().min(1).regex(/^\S+$/),
      SourceArn: z
        .string()
        .regex(/^arn:aws[a-zA-Z-]*:[a-zA-Z0-9-]+:([a-z0-9-]*):(\d{12})?:.*$/)
        .optional(),
      SourceAccount: z
        .string()
        .regex(/^\d{12}$/)
        .optional(),
      RevisionId: z.string().optional(),
    }),
    (account, input) => {
      if (input.Qualifier === "$LATEST")
        throw invalidParameter("We currently do not support adding policies for $LATEST.");
      const fn = findFunction(account, input);
      checkRevision(fn, input.RevisionId, "GetPolicy");
      if (fn.policy.some((one) => one.Sid === input.StatementId)) {
        throw conflict(
          `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
        );
      }
      const condition = {
        // [aws 4.7] the keys come back spelt so.
        ...(input.SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
        ...(input.SourceAccount !== undefined && { StringEquals: { "AWS:SourceAccount": input.SourceAccount } }),
      };
      const statement: PolicyStatement = {
        Sid: input.StatementId,
        Effect: "Allow",
        Principal: principalOf(input.Principal),
        Action: input.Action,
        Resource: fn.arn,
        ...(Object.keys(condition).length > 0 && { Condition: condition }),
      };
      setPolicy(fn, [...fn.policy, statement]);
      return { Statement: JSON.stringify(statement) };
    },
  ),

  RemovePermission: operation(
    z.strictObject({ ...target, StatementId: statementId, RevisionId: z.string().optional() }),
    (account, input) => {
      const fn = findFunction(account, input);
      checkRevision(fn, input.RevisionId, "GetPolicy");
      if (fn.policy.length === 0) throw notFound("No policy is associated with the given resource.");
      const rest = fn.policy.filter((one) => one.Sid !== input.StatementId);
      if (rest.length === fn.policy.length) {
        throw notFound(`Statement ${input.StatementId} is not found in resource policy.`);
      }
      setPolicy(fn, rest);
    },
  ),

  GetPolicy: operation(z.strictObject(target), (account, input) => {
    const { name } = resolveFunction(account, input.FunctionName, input.Qualifier);
    const fn = account.functions.get(name);
    // [aws 4.3] no function and no policy are one answer.
    if (fn === undefined || fn.policy.length === 0) throw notFound("The resource you requested does not exist.");
    settle(account, fn);
    return { Policy: policyText(fn.policy), RevisionId: fn.revisionId };
  }),
};

function setPolicy(fn: LambdaFunction, policy: readonly PolicyStatement[]): void {
  const size = Buffer.byteLength(policyText(policy));
  if (size > POLICY_LIMIT) {
    const message = `The final policy size (${size}) is bigger than the limit (${POLICY_LIMIT}).`;
    throw new AwsError("PolicyLengthExceededException", 400, message);
  }
  fn.policy = policy;
  // [aws 4.4] a change of the policy is a revision too.
  fn.revisionId = randomUUID();
}

function policyText(policy: readonly PolicyStatement[]): string {
  return JSON.stringify({ Version: "2012-10-17", Id: "default", Statement: policy });
}

function principalOf(principal: string): PolicyStatement["Principal"] {
  if (principal === "*") return "*";
  if (/^\d{12}$/.test(principal)) return { AWS: `arn:aws:iam::${principal}:root` };
  if (/^arn:aws[a-z-]*:(iam|sts)::\d{12}:/.test(principal)) return { AWS: principal };
  if (/^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/.test(principal)) return { Service: principal };
  throw invalidParameter("The provided principal was invalid. Please check the principal and try again.");
}
