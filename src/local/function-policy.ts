import { arnLike } from "./data-plane/arn.ts";
import type { PolicyStatement } from "./store.ts";

/** A caller as a resource policy sees it. */
export interface Caller {
  readonly action: "lambda:InvokeFunction" | "lambda:InvokeFunctionUrl";
  /** The service that calls; undefined: anybody. */
  readonly service: string | undefined;
  /** What the request says under the condition keys, by their names in lower case. */
  readonly context: Readonly<Record<string, string>>;
}

/** Whether the statement lets the caller in. A condition about what the request does not say is not met [aws 4.7]. */
export function allows(statement: PolicyStatement, { action, service, context }: Caller): boolean {
  const { Principal: principal, Action: granted, Condition: conditions = {} } = statement;
  if (principal !== "*" && (service === undefined || principal.Service !== service)) return false;
  if (![action, "lambda:*", "*"].includes(granted)) return false;
  return Object.entries(conditions).every(([operator, keys]) =>
    Object.entries(keys).every(([key, wanted]) => {
      const given = context[key.toLowerCase()];
      return given !== undefined && (operator === "ArnLike" ? arnLike(wanted)(given) : wanted === given);
    }),
  );
}
