import { observe, observedOf } from "../aws/observe.ts";
import { isNothingToDo, plan } from "../aws/plan.ts";
import { gatewayNodes } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { packageFor } from "./code.ts";
import { routeUrls, served } from "./endpoint.ts";
import { requireLocalAws } from "./local-aws.ts";
import { type Drift, planReport, planText, type RunResult, runResult } from "./result.ts";
import { openSession, readGateway } from "./session.ts";

export interface StatusResult extends RunResult {
  readonly drift: readonly Drift[];
  readonly upToDate: boolean;
  readonly lines: readonly string[];
}

/** What exists, and what `deploy` would do about it. Changes nothing. */
export async function status(flags: Flags, io: Io, progress: Progress): Promise<StatusResult> {
  const start = performance.now();
  const gateway = await readGateway(flags, io);
  const code = await packageFor(gateway);
  if (gateway.local) await requireLocalAws(io);
  const session = await openSession(gateway, flags, io, progress);
  const { identity, confirm } = await session.identify();
  const { nodes, api } = gatewayNodes(gateway, identity, code);
  const observation = await confirm(observe(session.ctx, nodes, session.state.hints));
  const planned = plan(nodes, observation, false);
  const live = observedOf(observation, api)?.live;
  const urls = live === undefined ? [] : routeUrls(gateway, live.apiEndpoint);
  const { resources, drift, lines } = planReport(planned);
  const result = runResult(gateway, identity, resources, session.calls, performance.now() - start, served(urls));
  return {
    ...result,
    drift,
    upToDate: isNothingToDo(planned),
    lines: [
      ...lines,
      `${gateway.name}-${gateway.stage}: ${planText(result.summary)}`,
      ...(result.endpoint === null ? [] : [result.endpoint]),
    ],
  };
}
