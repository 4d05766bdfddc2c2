import type { Source } from "../config/source.ts";
import type { Gateway } from "../config.ts";
import type { Identity } from "./kind.ts";

const NAME_TAG = "llm-gw:gateway";
const STAGE_TAG = "llm-gw:stage";

/** The tags that make a resource this gateway's. */
export function ownerTags({ name, stage }: Pick<Gateway, "name" | "stage">): Readonly<Record<string, string>> {
  return { [NAME_TAG]: name, [STAGE_TAG]: stage };
}

/** The gateway whose resource carries these tags; undefined when it is none's. */
export function ownerOf(tags: Readonly<Record<string, string>>): Pick<Gateway, "name" | "stage"> | undefined {
  const { [NAME_TAG]: name, [STAGE_TAG]: stage } = tags;
  return name === undefined || stage === undefined ? undefined : { name, stage };
}

/** On the function: what it runs. The built-in one and its copies take another event when they are called directly. */
export const CODE_TAG = "llm-gw:code";

/** The value of CODE_TAG. */
export function codeTag(source: Source): "builtin" | "builtin-copy" | "code" {
  if (source.kind === "builtin") return "builtin";
  return source.builtin === undefined ? "code" : "builtin-copy";
}

/** Names and ARNs that are known before anything exists, because they follow from the gateway and the account. */
export function namesOf({ name, stage, region }: Gateway, { account, partition }: Identity) {
  const functionName = `${name}-${stage}`;
  const logGroupName = `/aws/lambda/${functionName}`;
  // The prefix spares the account's policy of log deliveries an entry for each group [aws 5.7].
  const accessLogGroupName = `/aws/vendedlogs/llm-gw/${functionName}`;
  const logGroupArn = (group: string) => `arn:${partition}:logs:${region}:${account}:log-group:${group}`;
  return {
    functionName,
    apiName: functionName,
    // IAM is global, so the Region keeps apart what other services keep apart by themselves.
    roleName: `${name}-${stage}-${region}`,
    logGroupName,
    functionArn: `arn:${partition}:lambda:${region}:${account}:function:${functionName}`,
    logGroupArn: logGroupArn(logGroupName),
    accessLogGroupName,
    accessLogGroupArn: logGroupArn(accessLogGroupName),
    apiArnPrefix: `arn:${partition}:apigateway:${region}::/apis/`,
    basicExecutionPolicyArn: `arn:${partition}:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole`,
  };
}
