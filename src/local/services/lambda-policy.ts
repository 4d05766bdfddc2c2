import { randomUUID } from "node:crypto";
import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import type { Account } from "../store/account.ts";
import type { Permitted, PolicyStatement } from "../store/lambda.ts";
import {
  checkRevision,
  conflict,
  findFunction,
  invalidParameter,
  notFound,
  operation,
  type Reference,
  resolveFunction,
  target,
} from "./lambda-model.ts";
import { findQualified, permittedOf } from "./lambda-qualifiers.ts";

const statementId = z
  .string()
  .min(1)
  .max(100)
  .regex(/^[a-zA-Z0-9-_]+$/);

/** Bytes of a function's whole resource policy [aws 4.9]. */
const POLICY_LIMIT = 20_480;

const permissionSchema = z.strictObject({
  ...target,
  StatementId: statementId,
  Action: z.string().regex(/^(lambda:\*|lambda:[a-zA-Z]+|\*)$/),
  Principal: z.string().min(1).max(2048).regex(/^\S+$/),
  SourceArn: z
    .string()
    .regex(/^arn:aws[a-zA-Z-]*:[a-zA-Z0-9-]+:([a-z0-9-]*):(\d{12})?:.*$/)
    .optional(),
  SourceAccount: z
    .string()
    .regex(/^\d{12}$/)
    .optional(),
  EventSourceToken: z
    .string()
    .max(256)
    .regex(/^[a-zA-Z0-9._-]+$/)
    .optional(),
  PrincipalOrgID: z
    .string()
    .min(12)
    .max(34)
    .regex(/^o-[a-z0-9]{10,32}$/)
    .optional(),
  FunctionUrlAuthType: z.enum(["NONE", "AWS_IAM"]).optional(),
  InvokedViaFunctionUrl: z.boolean().optional(),
  RevisionId: z.string().optional(),
});
type Permission = z.output<typeof permissionSchema>;

export const policyOperations = {
  AddPermission: operation(permissionSchema, (account, input) => {
    if (resolveFunction(account, input).qualifier === "$LATEST") {
      throw invalidParameter("We currently do not support adding policies for $LATEST.");
    }
    const fn = findPermitted(account, input);
    const condition = conditionOf(input);
    checkRevision(fn, input.RevisionId, "GetPolicy");
    if (fn.policy.some((one) => one.Sid === input.StatementId)) {
      throw conflict(
        `The statement id (${input.StatementId}) provided already exists. Please provide a new statement id, or remove the existing statement.`,
      );
    }
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
  }),

  RemovePermission: operation(
    z.strictObject({ ...target, StatementId: statementId, RevisionId: z.string().optional() }),
    (account, input) => {
      const fn = findPermitted(account, input);
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
    const { name } = resolveFunction(account, input);
    // [aws 4.3] no function and no policy are one answer.
    const fn = account.functions.has(name) ? permittedOf(findQualified(account, input)) : undefined;
    if (fn === undefined || fn.policy.length === 0) throw notFound("The resource you requested does not exist.");
    return { Policy: policyText(fn.policy), RevisionId: fn.revisionId };
  }),
};

/** Whose policy the request is about. */
function findPermitted(account: Account, reference: Reference): Permitted {
  const { name, arn, qualifier } = resolveFunction(account, reference);
  const { aliases } = findFunction(account, { FunctionName: name });
  if (qualifier !== undefined && !/^(\d+|\$LATEST)$/.test(qualifier) && !aliases.has(qualifier)) {
    throw notFound(`Cannot find alias arn: ${arn}:${qualifier}`);
  }
  return permittedOf(findQualified(account, reference));
}

/** The condition of the statement; the keys come back spelt so [aws 4.7]. */
function conditionOf(input: Permission): NonNullable<PolicyStatement["Condition"]> {
  const { Action: action, FunctionUrlAuthType: authType, InvokedViaFunctionUrl: viaUrl } = input;
  if (authType !== undefined && action !== "lambda:InvokeFunctionUrl") {
    throw invalidParameter("FunctionUrlAuthType is only supported for lambda:InvokeFunctionUrl action");
  }
  // Unconfirmed: the condition key exists for this action alone.
  if (viaUrl && action !== "lambda:InvokeFunction") {
    throw invalidParameter("InvokedViaFunctionUrl is only supported for lambda:InvokeFunction action");
  }
  const equals = {
    ...(input.SourceAccount !== undefined && { "AWS:SourceAccount": input.SourceAccount }),
    ...(input.EventSourceToken !== undefined && { "lambda:EventSourceToken": input.EventSourceToken }),
    ...(input.PrincipalOrgID !== undefined && { "aws:PrincipalOrgID": input.PrincipalOrgID }),
    ...(authType !== undefined && { "lambda:FunctionUrlAuthType": authType }),
  };
  return {
    ...(Object.keys(equals).length > 0 && { StringEquals: equals }),
    ...(input.SourceArn !== undefined && { ArnLike: { "AWS:SourceArn": input.SourceArn } }),
    ...(viaUrl && { Bool: { "lambda:InvokedViaFunctionUrl": "true" } }),
  };
}

function setPolicy(fn: Permitted, policy: readonly PolicyStatement[]): void {
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
