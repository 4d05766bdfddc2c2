// Asks IAM what the deployer may do, without doing it.
import { GetRoleCommand, paginateSimulatePrincipalPolicy } from "@aws-sdk/client-iam";
import policy from "../../docs/deployer-policy.json" with { type: "json" };
import type { Gateway } from "../config.ts";
import { GatewayError } from "../errors.ts";
import type { Aws } from "./clients.ts";
import type { Identity } from "./kind.ts";

interface Simulation {
  readonly actions: number;
  /** Those that no policy of the deployer allows, each with the ARN it is for. */
  readonly denied: readonly { readonly action: string; readonly resource: string }[];
}

interface Decision {
  readonly action: string;
  readonly isAllowed: boolean;
}

/** A log group has two ARNs, and which of them counts depends on the action [aws 7.3]. */
const WHOLE_LOG_GROUP = /:\*$/;

/**
 * Simulates every action of the documented policy on every resource of this gateway that its statement names.
 * @param caller ARN of who deploys, as STS says it
 * @throws what IAM answers; GatewayError NotSimulated for a caller that IAM does not simulate
 */
export async function simulateDeployer(
  aws: Aws,
  gateway: Gateway,
  identity: Identity,
  caller: string,
): Promise<Simulation> {
  const source = await policySource(aws, caller);
  const pairs = await Promise.all(
    policy.Statement.flatMap((statement) =>
      [statement.Resource].flat().map(async (pattern) => {
        const decisions = await simulate(aws, source, statement, concrete(pattern, gateway, identity));
        const resource = concrete(pattern.replace(WHOLE_LOG_GROUP, ""), gateway, identity);
        return decisions.map((decision) => ({ ...decision, resource }));
      }),
    ),
  );
  // What allows comes last, because it is what counts.
  const inOrder = pairs.flat().sort((a, b) => Number(a.isAllowed) - Number(b.isAllowed));
  const judged = new Map(inOrder.map((pair) => [`${pair.action} ${pair.resource}`, pair]));
  const all = [...judged.values()];
  return { actions: new Set(all.map(({ action }) => action)).size, denied: all.filter(({ isAllowed }) => !isAllowed) };
}

/** The user or role whose policies count. A session of a role does not show the role's path. */
async function policySource(aws: Aws, caller: string): Promise<string> {
  if (/^arn:[\w-]+:iam::\d+:user\//.test(caller)) return caller;
  const [, RoleName] = /:assumed-role\/([^/]+)\//.exec(caller) ?? [];
  const role = RoleName === undefined ? undefined : (await aws.iam.send(new GetRoleCommand({ RoleName }))).Role;
  if (role?.Arn !== undefined) return role.Arn;
  throw new GatewayError("NotSimulated", `IAM simulates users and roles, not ${caller}`);
}

async function simulate(
  aws: Aws,
  source: string,
  statement: (typeof policy.Statement)[number],
  resource: string,
): Promise<Decision[]> {
  const pages = paginateSimulatePrincipalPolicy(
    { client: aws.iam },
    {
      PolicySourceArn: source,
      ActionNames: [statement.Action].flat(),
      ResourceArns: [resource],
      ContextEntries: Object.entries(statement.Condition?.StringEquals ?? {}).map(([name, value]) => ({
        ContextKeyName: name,
        ContextKeyValues: [value],
        ContextKeyType: "string",
      })),
    },
  );
  const decisions: Decision[] = [];
  for await (const { EvaluationResults = [] } of pages) {
    for (const { EvalActionName: action = "", EvalDecision } of EvaluationResults) {
      decisions.push({ action, isAllowed: EvalDecision === "allowed" });
    }
  }
  return decisions;
}

/** A resource of the documented policy, with what is this gateway's instead of its placeholders and wildcards. */
function concrete(resource: string, { name, stage, region }: Gateway, { account, partition }: Identity): string {
  if (resource === "*") return resource;
  const own: Readonly<Record<string, string>> = { ACCOUNT: account, REGION: region, NAME: name, STAGE: stage };
  return resource
    .replace("arn:aws:", `arn:${partition}:`)
    .replaceAll("*", "any")
    .replaceAll(/[A-Z]{4,}/g, (placeholder) => own[placeholder] ?? placeholder);
}
