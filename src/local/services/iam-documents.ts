import * as z from "zod";
import { AwsError } from "../aws-error.ts";

const oneOrMore = z.union([z.string(), z.array(z.string())]);

const statement = z.looseObject({
  Effect: z.enum(["Allow", "Deny"]),
  Action: oneOrMore.optional(),
  NotAction: oneOrMore.optional(),
  Resource: oneOrMore.optional(),
  NotResource: oneOrMore.optional(),
  Principal: z.union([z.literal("*"), z.record(z.string(), oneOrMore)]).optional(),
});

const document = z.looseObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Statement: z.union([statement, z.array(statement).min(1)]),
});

type Statement = z.output<typeof statement>;

/** Refuses what is no trust policy, with MalformedPolicyDocument. */
export function checkTrustPolicy(text: string): void {
  for (const one of statementsOf(text)) {
    if (one.Resource !== undefined || one.NotResource !== undefined) throw malformed("Has prohibited field Resource");
    if (one.Principal === undefined) throw malformed("Missing required field Principal");
    if (one.Action === undefined && one.NotAction === undefined) throw malformed("Missing required field Action");
    if (asList(one.Action).some((action) => !/^(\*|sts:.+)$/i.test(action))) {
      throw malformed("AssumeRole policy may only specify STS AssumeRole actions.");
    }
    checkPrincipal(one.Principal);
  }
}

/** Who may be trusted, in the form of its kind. Whether the principal exists is not looked up. */
const PRINCIPALS: Readonly<Record<string, RegExp>> = {
  AWS: /^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+)$/,
  Service: /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/,
  Federated: /^\S+$/,
  CanonicalUser: /^[0-9a-f]{64}$/,
};

function checkPrincipal(principal: NonNullable<Statement["Principal"]>): void {
  if (principal === "*") return;
  for (const [kind, values] of Object.entries(principal)) {
    const form = PRINCIPALS[kind];
    for (const value of asList(values)) {
      if (!form?.test(value)) throw malformed(`Invalid principal in policy: "${kind.toUpperCase()}":"${value}"`);
    }
  }
}

/** Refuses what is no identity-based policy, with MalformedPolicyDocument. */
export function checkIdentityPolicy(text: string): void {
  for (const one of statementsOf(text)) {
    if (one.Principal !== undefined) throw malformed("Policy document should not specify a principal.");
    if (one.Action === undefined && one.NotAction === undefined)
      throw malformed("Policy statement must contain actions.");
    if (one.Resource === undefined && one.NotResource === undefined) {
      throw malformed("Policy statement must contain resources.");
    }
  }
}

/** Whether the trust policy lets the service assume the role. Conditions count as fulfilled. */
export function trusts(trustPolicy: string, service: string): boolean {
  const matching = statementsOf(trustPolicy).filter((one) => names(one, service) && assumes(one));
  return matching.length > 0 && matching.every((one) => one.Effect === "Allow");
}

/** The length as IAM's quotas count it. */
export function policyLength(text: string): number {
  return text.replace(/\s/g, "").length;
}

function names(one: Statement, service: string): boolean {
  if (one.Principal === undefined || one.Principal === "*") return one.Principal === "*";
  return asList(one.Principal.Service).includes(service);
}

function assumes(one: Statement): boolean {
  return asList(one.Action).some((action) => ["*", "sts:*", "sts:assumerole"].includes(action.toLowerCase()));
}

function asList(value: string | readonly string[] | undefined): readonly string[] {
  return value === undefined ? [] : typeof value === "string" ? [value] : value;
}

function statementsOf(text: string): readonly Statement[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw malformed("This policy contains invalid Json");
  }
  const parsed = document.safeParse(value);
  if (!parsed.success) throw malformed("Syntax errors in policy.");
  const statements = parsed.data.Statement;
  return Array.isArray(statements) ? statements : [statements];
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocument", 400, message);
}
