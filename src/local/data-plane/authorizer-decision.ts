import * as z from "zod";
import { wildcard } from "../arn.ts";
import { parseJson } from "../parse-json.ts";
import type { RequestAuthorizer } from "../store/apigatewayv2.ts";
import type { AuthorizerContext } from "./exchange.ts";

/** What a Lambda authorizer decided, for one request or for all that look the same to it. */
export interface Decision {
  readonly principalId: string | undefined;
  readonly context: AuthorizerContext | null;
  /** Whether a request for this execute-api ARN may go on. */
  allows(routeArn: string): boolean;
}

const context = z.record(z.string(), z.unknown()).nullish();
const texts = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

const simpleAnswer = z.object({ isAuthorized: z.boolean(), context });

/** Conditions, NotAction and NotResource are not evaluated here, and a policy with one is refused as a whole. */
const statement = z.strictObject({
  Sid: z.string().optional(),
  Effect: z.enum(["Allow", "Deny"]),
  Action: texts,
  Resource: texts,
});

const policyAnswer = z.object({
  principalId: z.string(),
  policyDocument: z.object({
    Statement: z.union([z.array(statement), statement.transform((one) => [one])]),
  }),
  context,
});

/** The decision in an authorizer's answer [APIGWDG http-api-lambda-authorizer]; undefined: it is malformed. */
export function decisionOf(payload: Buffer, { enableSimpleResponses }: RequestAuthorizer): Decision | undefined {
  const value = parseJson(payload.toString());
  if (enableSimpleResponses) {
    const { data } = simpleAnswer.safeParse(value);
    return data && { principalId: undefined, context: data.context ?? null, allows: () => data.isAuthorized };
  }
  const { data } = policyAnswer.safeParse(value);
  return data && { principalId: data.principalId, context: data.context ?? null, allows: policyTest(data) };
}

/** Evaluates execute-api:Invoke as IAM does: a Deny wins, and what nothing allows is denied. */
function policyTest({ policyDocument }: z.output<typeof policyAnswer>): Decision["allows"] {
  const statements = policyDocument.Statement.filter(({ Action }) =>
    // Names of actions are not case-sensitive.
    Action.some((action) => wildcard(action.toLowerCase())("execute-api:invoke")),
  ).map(({ Effect, Resource }) => ({ effect: Effect, resources: Resource.map(wildcard) }));
  return (routeArn) => {
    const matching = statements.filter(({ resources }) => resources.some((matches) => matches(routeArn)));
    return matching.length > 0 && matching.every(({ effect }) => effect === "Allow");
  };
}
