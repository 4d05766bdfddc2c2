import type { Identity } from "../../aws/kind.ts";
import { observe } from "../../aws/observe.ts";
import { grantHint } from "../../aws/permissions.ts";
import { simulateDeployer } from "../../aws/simulate.ts";
import { gatewayNodes, NO_CODE } from "../../aws/stack.ts";
import type { GatewayError } from "../../errors.ts";
import type { Session } from "../session.ts";
import { broken, type Finding, ok, unknown } from "./finding.ts";

const NAME = "permissions";
const SHOWN = 3;

/** Who deploys, as STS says it. */
export interface Deployer {
  readonly identity: Identity;
  readonly arn: string;
}

/**
 * Whether the deployer may do what deploy and destroy do. IAM simulates it; where that is not possible, the reads of
 * `status` are tried, and nothing is known of the writes.
 * @param open a denied call ends its session, so that every way needs one of its own
 */
export async function checkPermissions(
  { identity, arn }: Deployer,
  open: () => Promise<Session>,
  explain: (error: unknown) => GatewayError,
): Promise<Finding> {
  let obstacle: string;
  try {
    const { aws, gateway } = await open();
    const { actions, denied } = await simulateDeployer(aws, gateway, identity, arn);
    const [first] = denied;
    if (first === undefined) return ok(NAME, `IAM would allow all ${actions} actions of deploy, invoke and destroy`);
    const more = denied.length > SHOWN ? ` and ${denied.length - SHOWN} more` : "";
    const shown = denied.slice(0, SHOWN).map(({ action, resource }) => `${action} on ${resource}`);
    return broken(NAME, { message: `IAM would deny ${shown.join(", ")}${more}`, hint: grantHint(first.action) });
  } catch (error) {
    obstacle = explain(error).message;
  }
  const { ctx, gateway, state, calls } = await open();
  ctx.signal.throwIfAborted();
  try {
    await observe(ctx, gatewayNodes(gateway, identity, NO_CODE).nodes, state.hints);
  } catch (error) {
    return broken(NAME, explain(error));
  }
  return unknown(
    NAME,
    `the ${calls.length} reads of status are allowed; writes could not be simulated: ${obstacle}`,
    "docs/deployer-policy.json has all that a deployer needs.",
  );
}
