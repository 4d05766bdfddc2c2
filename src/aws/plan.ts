// What has to be done, by the comparison that the kinds also act on: the plan that is shown is the work that is done.
import { GatewayError } from "../errors.ts";
import type { AnyNode, Change, Observed } from "./kind.ts";
import type { Leftover, Observation } from "./observe.ts";

/** What a run did with a resource. */
export type Action = "created" | "updated" | "replaced" | "adopted" | "unchanged" | "deleted";

interface Step {
  readonly node: AnyNode;
  readonly action: Exclude<Action, "deleted">;
  readonly changes: readonly Change[];
  readonly live: object | undefined;
}

export interface Plan {
  readonly steps: readonly Step[];
  readonly leftovers: readonly Leftover[];
}

/**
 * What `apply` will do, by the same comparison.
 * @throws GatewayError NotOwned when something of ours would have the name of something that is not.
 */
export function plan(nodes: readonly AnyNode[], observation: Observation, adopt: boolean): Plan {
  const steps: Step[] = [];
  for (const node of nodes) steps.push(stepFor(node, steps, observation, adopt));
  return { steps, leftovers: observation.leftovers };
}

function stepFor(node: AnyNode, earlier: readonly Step[], observation: Observation, adopt: boolean): Step {
  const observed = observation.seen.get(node)?.observed;
  if (observed === undefined) return { node, action: "created", changes: [], live: undefined };
  refuseForeign(node, observed, adopt);
  const changes = plannedChanges(node, observed.live, earlier);
  return { node, action: actionFor(observed, changes), changes, live: observed.live };
}

function plannedChanges(node: AnyNode, live: object, earlier: readonly Step[]): readonly Change[] {
  const up: Record<string, object> = {};
  for (const [name, need] of Object.entries(node.needs)) {
    const parent = earlier.find((step) => step.node === need);
    // What it has to become is known only when its parent exists again.
    if (parent?.live === undefined || parent.action === "replaced") return [{ path: need.id, to: "is created first" }];
    up[name] = parent.live;
  }
  return node.kind.diff(node.props(up), live);
}

export function isNothingToDo(planned: Plan): boolean {
  return planned.leftovers.length === 0 && planned.steps.every((step) => step.action === "unchanged");
}

/** What a run does with a resource that exists. */
export function actionFor(observed: Observed<object>, changes: readonly Change[]): Step["action"] {
  if (!observed.owned) return "adopted";
  if (changes.length === 0) return "unchanged";
  return changes.some(({ replaces }) => replaces) ? "replaced" : "updated";
}

/** @throws GatewayError NotOwned unless it is ours or may be taken over */
export function refuseForeign(node: AnyNode, observed: Observed<object>, adopt: boolean): void {
  const { refusal } = observed;
  if (refusal !== undefined) throw new GatewayError("NotManageable", refusal.message, { hint: refusal.hint });
  if (observed.owned || adopt) return;
  throw new GatewayError("NotOwned", `${node.kind.type} ${node.name} exists and does not belong to this gateway`, {
    hint: "Choose another --name, or take it over: add --adopt, and from then on destroy deletes it too.",
  });
}
