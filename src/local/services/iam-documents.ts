import * as z from "zod";
import { wildcard } from "../arn.ts";
import { AwsError } from "../aws-error.ts";

const oneOrMore = (item: z.ZodString) => z.union([item, z.array(item).min(1)]);

/** A service and one of its actions, or some of them. */
const actions = oneOrMore(z.string().regex(/^(\*|[a-zA-Z0-9-]+:[\w*?]+)$/));
const resources = oneOrMore(z.string().regex(/^(\*|arn:.+)$/));
const principals = z.union([z.literal("*"), z.record(z.string(), oneOrMore(z.string())).refine(isNotEmpty)]);

const statement = z.strictObject({
  Sid: z
    .string()
    .regex(/^[a-zA-Z0-9]*$/)
    .optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: actions.optional(),
  NotAction: actions.optional(),
  Resource: resources.optional(),
  NotResource: resources.optional(),
  Principal: principals.optional(),
  NotPrincipal: principals.optional(),
  Condition: z.record(z.string(), z.record(z.string(), z.unknown())).optional(),
});

const document = z.strictObject({
  Version: z.enum(["2012-10-17", "2008-10-17"]).optional(),
  Id: z.string().optional(),
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
const PRINCIPALS: ReadonlyMap<string, RegExp> = new Map([
  ["AWS", /^(\*|\d{12}|arn:aws[a-z-]*:(iam|sts)::\d{12}:.+)$/],
  ["Service", /^[a-z0-9.-]+\.amazonaws\.com(\.cn)?$/],
  ["Federated", /^\S+$/],
  ["CanonicalUser", /^[0-9a-f]{64}$/],
]);

function checkPrincipal(principal: NonNullable<Statement["Principal"]>): void {
  if (principal === "*") return;
  for (const [kind, values] of Object.entries(principal)) {
    const form = PRINCIPALS.get(kind);
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

/**
 * Whether the documents of an identity let it do something: a Deny wins. Conditions count as fulfilled, and without a
 * `resource` every one fits.
 */
export function permits(documents: Iterable<string>, action: string, resource?: string): boolean {
  const wanted = action.toLowerCase();
  const matching = [...documents]
    .flatMap(statementsOf)
    .filter((one) => asList(one.Action).some((pattern) => wildcard(pattern.toLowerCase())(wanted)))
    .filter((one) => resource === undefined || asList(one.Resource).some((pattern) => wildcard(pattern)(resource)));
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
  const statements = [parsed.data.Statement].flat();
  const ids = statements.flatMap(({ Sid }) => (Sid === undefined || Sid === "" ? [] : [Sid]));
  // The text is unconfirmed.
  if (new Set(ids).size < ids.length) throw malformed("Statement IDs (SID) in a single policy must be unique.");
  return statements;
}

function isNotEmpty(value: object): boolean {
  return Object.keys(value).length > 0;
}

function malformed(message: string): AwsError {
  return new AwsError("MalformedPolicyDocument", 400, message);
}
