import type { PolicyStatement } from "../store.ts";
import { arnLike } from "./arn.ts";

type Test = (sourceArn: string, accountId: string) => boolean;

/** Statements never change in place, and requests ask for the same few: each is read once. */
const tests = new WeakMap<PolicyStatement, Test>();

/**
 * Whether a function's resource policy lets API Gateway of this account invoke the function for an execute-api ARN
 * [aws 4.7, 4.8].
 */
export function permits(policy: readonly PolicyStatement[], sourceArn: string, accountId: string): boolean {
  return policy.some((statement) => testOf(statement)(sourceArn, accountId));
}

function testOf(statement: PolicyStatement): Test {
  const known = tests.get(statement);
  if (known !== undefined) {
    return known;
  }
  const test = compile(statement);
  tests.set(statement, test);
  return test;
}

function compile({ Principal: principal, Action: action, Condition: condition = {} }: PolicyStatement): Test {
  const isForGateway = principal === "*" || principal.Service === "apigateway.amazonaws.com";
  if (!isForGateway || !["lambda:InvokeFunction", "lambda:*", "*"].includes(action)) {
    return () => false;
  }
  const conditions = Object.entries(condition).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => conditionTest(`${operator} ${key.toLowerCase()}`, value)),
  );
  return (sourceArn, accountId) => conditions.every((holds) => holds(sourceArn, accountId));
}

/** A condition on what API Gateway does not send, such as an organization, does not hold. */
function conditionTest(condition: string, value: string): Test {
  switch (condition) {
    case "ArnLike aws:sourcearn":
      return arnLike(value);
    case "StringEquals aws:sourceaccount":
      return (_sourceArn, accountId) => accountId === value;
    default:
      return () => false;
  }
}
