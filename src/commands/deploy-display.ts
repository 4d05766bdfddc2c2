// What people see of a deploy: the plan before it, and each resource as it settles.
import type { Listener } from "../aws/engine.ts";
import type { Identity } from "../aws/kind.ts";
import type { Plan } from "../aws/plan.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { duration, paintFor } from "../text.ts";
import type { Timeline } from "../timeline.ts";
import { warningText } from "../warning.ts";
import { planWarnings } from "./plan-warnings.ts";
import { planLines, planReport, type ResourceResult, resourceLine } from "./result.ts";
import type { Session } from "./session.ts";

/** What is going to happen; what stays as it is in one line. */
export function showPlan(planned: Plan, target: string, progress: Progress, io: Io): void {
  const report = planReport(planned);
  const touched = report.resources.filter(({ action }) => action !== "unchanged");
  const paint = paintFor(io.terminals.stderr);
  const rest = report.resources.length - touched.length;
  progress.line(paint("bold", target));
  for (const line of planLines({ ...report, resources: touched }, paint)) progress.line(`  ${line}`);
  if (rest > 0) progress.line(`  ${paint("dim", `= ${rest} unchanged`)}`);
}

export function showWarnings(planned: Plan, gateway: Gateway, flags: Flags, progress: Progress, io: Io): void {
  for (const warning of planWarnings(planned, gateway)) progress.line(warningText(warning, flags, io));
}

/** Records and shows each resource as it settles. */
export function deployListener({ state }: Session, identity: Identity, timeline: Timeline, progress: Progress, io: Io) {
  const paint = paintFor(io.terminals.stderr);
  const removed: ResourceResult[] = [];
  const listener: Listener = {
    started({ id, name, kind }) {
      timeline.started(id, `${kind.type} ${name}`);
      progress.started(id, `${kind.type} ${name}`);
    },
    waiting(what, node) {
      const ends = [progress.waiting(what, node?.id), ...(node ? [timeline.waiting(node.id, what)] : [])];
      return () => {
        for (const over of ends) over();
      };
    },
    async settled({ node, live, action }) {
      await state.record(identity, node, live);
      const took = timeline.finished(node.id, action !== "unchanged");
      progress.finished(node.id);
      if (action === "unchanged") return;
      const line = resourceLine({ action, type: node.kind.type, name: node.name }, paint);
      progress.line(`${line} ${paint("dim", `(${duration(took)})`)}`);
    },
    async removed(name, type) {
      removed.push({ id: `${type} ${name}`, type, name, action: "deleted" });
      progress.line(resourceLine({ action: "deleted", type, name }, paint));
    },
  };
  return { listener, removed };
}
