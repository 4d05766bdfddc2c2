// What a run has to say and do when AWS denies one of its calls.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { LoggedCall } from "../../src/local/control-plane/call-log.ts";
import type { RecordedCall } from "./prepared.ts";
import type { Run } from "./world.ts";

const POLICY_LINES = readFileSync(join(process.cwd(), "docs", "deployer-policy.json"), "utf8").split("\n");
const VERBS: Readonly<Record<string, string>> = {
  Get: "GET",
  Create: "POST",
  Update: "PATCH",
  Delete: "DELETE",
  Tag: "POST",
  Untag: "DELETE",
};
/** Writes that may have been under way beside the denied call: of the role, the logs, the function and the API. */
const AT_ONCE = 3;
/** Reads that ask for the function's log group and for that of the access log in the same moment. */
const IN_PAIRS: readonly string[] = ["DescribeLogGroups", "ListTagsForResource"];

/** The IAM action of a call [aws 7.1-7.3]. */
export function actionOf({ service, operation }: Pick<RecordedCall, "service" | "operation">): string {
  if (service !== "apigateway") return `${service}:${operation}`;
  return `apigateway:${VERBS[/^[A-Z][a-z]+/.exec(operation)?.[0] ?? ""]}`;
}

/** What is wrong with how the run ended, in sentences. */
export function denialProblems(run: Run, call: RecordedCall, calls: readonly LoggedCall[]): string[] {
  const problems: string[] = [];
  const action = actionOf(call);
  const { error = {} } = JSON.parse(run.stdout);
  if (error.code !== "AccessDenied") problems.push(`the error's code is ${error.code}`);
  const [, named, resource = ""] = /^(\S+) on (\S+) is denied/.exec(error.message) ?? [];
  if (named !== action) problems.push(`"${error.message}" does not name ${action}`);
  if (!/^(\*|arn:aws:.*(llm-gw-prod|\/apis))/.test(resource)) problems.push(`"${resource}" is no resource`);
  const line = Number(/line (\d+) of docs\/deployer-policy\.json/.exec(error.hint)?.[1]);
  if (!POLICY_LINES[line - 1]?.includes(`"${action}"`)) problems.push(`"${error.hint}" names no line that grants it`);
  const struck = calls.filter(({ fault }) => fault !== undefined);
  const isAgain = struck.length > (IN_PAIRS.includes(call.operation) ? 2 : 1);
  if (struck.length === 0 || isAgain) problems.push(`the denied call was sent ${struck.length} times`);
  const later = calls.slice(calls.findIndex(({ fault }) => fault !== undefined) + 1).filter(({ mutating }) => mutating);
  if (later.length > AT_ONCE) problems.push(`${later.length} writes followed the denial`);
  return problems;
}
