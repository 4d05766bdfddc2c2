import { observe, observedOf } from "../aws/observe.ts";
import { isNothingToDo, plan } from "../aws/plan.ts";
import { gatewayNodes } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";
import { paintFor, size, wrapped } from "../text.ts";
import { warningText } from "../warning.ts";
import { packageFor } from "./code.ts";
import { absentLine } from "./command-lines.ts";
import { routeUrls, served } from "./endpoint.ts";
import { requireLocalAws } from "./local-aws.ts";
import { planWarnings } from "./plan-warnings.ts";
import { checkVariables } from "./preflight.ts";
import { type Drift, planLines, planReport, planText, type RunResult, runResult, shortDigest } from "./result.ts";
import { openSession, readGateway } from "./session.ts";

export interface StatusResult extends RunResult {
  readonly drift: readonly Drift[];
  readonly upToDate: boolean;
  /** What the function runs: base64 as Lambda tells it, and bytes of the zip; null when there is no function. */
  readonly code: { readonly sha256: string; readonly sizeBytes: number } | null;
  /** ISO 8601: the last change of the function, or the last record of a deploy from here where that is later. */
  readonly lastDeployedAt: string | null;
  readonly lines: readonly string[];
}

/** What exists, and what `deploy` would do about it. Changes nothing. */
export async function status(flags: Flags, io: Io, progress: Progress): Promise<StatusResult> {
  const start = io.clock.elapsed();
  const gateway = await readGateway(flags, io);
  checkVariables(gateway);
  const packaged = await packageFor(gateway);
  if (gateway.local) await requireLocalAws(io);
  const session = await openSession(gateway, flags, io, progress);
  const { identity, confirm } = await session.identify();
  const { nodes, api, fn } = gatewayNodes(gateway, identity, packaged);
  const observation = await confirm(observe(session.ctx, nodes, session.state.hints));
  const planned = plan(nodes, observation, false);
  const live = observedOf(observation, api)?.live;
  const urls = live === undefined ? [] : routeUrls(gateway, live.apiEndpoint);
  const report = planReport(planned);
  const result = runResult(
    gateway,
    identity,
    report.resources,
    session.calls,
    io.clock.elapsed() - start,
    served(urls),
  );
  const running = observedOf(observation, fn)?.live;
  const code = running === undefined ? null : { sha256: running.codeSha256, sizeBytes: running.codeSize };
  const lastDeployedAt = running === undefined ? null : latest(running.lastModified, session.state.updatedAt);
  const isCodeCurrent = code?.sha256 === packaged.sha256;
  const tell = (line: string) => io.stderr(`${wrapped(line, io.terminals.stderr)}\n`);
  if (planned.steps.every(({ action }) => action === "created")) {
    tell(absentLine(gateway, flags, io));
  } else {
    for (const warning of planWarnings(planned, gateway)) tell(warningText(warning, flags, io));
  }
  const { stdout } = io.terminals;
  const lines = [
    `${gateway.name}-${gateway.stage} in ${gateway.region}, account ${identity.account}: ${planText(result.summary)}`,
    ...planLines(report, paintFor(stdout)),
    ...(code === null
      ? []
      : [`code: ${size(code.sizeBytes)}, sha256 ${shortDigest(code.sha256)}${isCodeCurrent ? "" : ", differs"}`]),
    ...(lastDeployedAt === null ? [] : [`last deploy: ${lastDeployedAt}`]),
    ...(result.endpoint === null ? [] : [result.endpoint]),
  ];
  return {
    ...result,
    drift: report.drift,
    upToDate: isNothingToDo(planned),
    code,
    lastDeployedAt,
    lines: lines.map((line) => wrapped(line, stdout)),
  };
}

function latest(...dates: readonly (Date | undefined)[]): string | null {
  const times = dates.flatMap((date) => (date === undefined ? [] : [date.getTime()]));
  return times.length === 0 ? null : new Date(Math.max(...times)).toISOString();
}
