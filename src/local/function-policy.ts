import { arnLike } from "./arn.ts";
import type { PolicyStatement } from "./store/lambda.ts";

/** A caller as a resource policy sees it. */
export interface Caller {
  readonly action: "lambda:InvokeFunction" | "lambda:InvokeFunctionUrl";
  /** The service that calls; undefined: anybody. */
  readonly service: string | undefined;
  /** What the request says under the condition keys, by their names in lower case. */
  readonly context: Readonly<Record<string, string>>;
}

type Test = (caller: Caller) => boolean;

/** Statements never change in place, and requests ask for the same few: each is read once. */
const tests = new WeakMap<PolicyStatement, Test>();

/** Whether the statement lets the caller in. A condition about what the request does not say is not met [aws 4.7]. */
export function allows(statement: PolicyStatement, caller: Caller): boolean {
  const known = tests.get(statement);
  if (known !== undefined) {
    return known(caller);
  }
  const test = compile(statement);
  tests.set(statement, test);
  return test(caller);
}

function compile({ Principal: principal, Action: granted, Condition: conditions = {} }: PolicyStatement): Test {
  const tests = Object.entries(conditions).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) => conditionTest(operator, key.toLowerCase(), value)),
  );
  return (caller) => {
    const isMeant = principal === "*" || (caller.service !== undefined && principal.Service === caller.service);
    return isMeant && [caller.action, "lambda:*", "*"].includes(granted) && tests.every((holds) => holds(caller));
  };
}

function conditionTest(operator: string, key: string, value: string): Test {
  const matches = operator === "ArnLike" ? arnLike(value) : (given: string) => given === value;
  return ({ context }) => {
    const given = context[key];
    return given !== undefined && matches(given);
  };
}
