import { converge, liveOf } from "../aws/engine.ts";
import { observe, observedOf } from "../aws/observe.ts";
import { isNothingToDo, plan } from "../aws/plan.ts";
import { gatewayNodes } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import type { Io } from "../io.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../local/credentials.ts";
import { withLock } from "../lock.ts";
import type { Progress } from "../progress.ts";
import { statePath } from "../state.ts";
import { duration, paintFor, wrapped } from "../text.ts";
import { type Span, startTimeline, type Timeline } from "../timeline.ts";
import { warningText } from "../warning.ts";
import { invokeLine } from "./command-lines.ts";
import { deployListener, showPlan, showWarnings } from "./deploy-display.ts";
import { elsewhereLines } from "./elsewhere.ts";
import { curlLine, openaiBaseUrl, type RouteUrl, routeUrls, served, takesBody } from "./endpoint.ts";
import { ensureLocalAws } from "./local-aws.ts";
import { preflight } from "./preflight.ts";
import { whenReady } from "./ready.ts";
import {
  type Drift,
  planLines,
  planReport,
  planText,
  type RunResult,
  resourceResult,
  runResult,
  summaryText,
} from "./result.ts";
import { openSession, readGateway, recording, type Session } from "./session.ts";

/** Bars in a log file. */
const LOG_COLUMNS = 100;

export interface DeployResult extends RunResult {
  /** Only with --dry-run: what would change. */
  readonly drift?: readonly Drift[];
  /** Only with --timeline: where the time went. */
  readonly timeline?: readonly Span[];
  /** For people: the endpoint and lines to paste. */
  readonly lines: readonly string[];
}

interface Variant {
  /** Left out: as the configuration says, with its state beside it. */
  readonly read?: typeof readGateway;
  /** Whether to ask the endpoint until it answers. Left out: yes. */
  readonly awaitsEndpoint?: boolean;
}

/**
 * Creates what is missing, changes what differs, and ends when the endpoint answers. With --timeline, people also see
 * where the time of a dry run or of a failed run went.
 */
export async function deploy(flags: Flags, io: Io, progress: Progress, variant: Variant = {}): Promise<DeployResult> {
  const timeline = startTimeline(io.clock);
  if (flags.timeline !== true) return deployIn(timeline, flags, io, progress, variant);
  try {
    const result = await deployIn(timeline, flags, io, progress, variant);
    return { ...result, timeline: timeline.spans() };
  } finally {
    for (const line of timeline.lines(io.terminals.stderr?.columns ?? LOG_COLUMNS)) progress.line(line);
  }
}

async function deployIn(
  timeline: Timeline,
  flags: Flags,
  io: Io,
  progress: Progress,
  { read = readGateway, awaitsEndpoint = true }: Variant,
): Promise<DeployResult> {
  const start = io.clock.elapsed();
  const gateway = await read(flags, io);
  const code = await timeline.during("package", "(package the code)", () => preflight(gateway));
  if (gateway.local) {
    await timeline.during("local-aws", "(find the local AWS)", () => ensureLocalAws(io, progress.line));
  }
  // A dry run writes nothing, not even a lock.
  const alone = (work: () => Promise<DeployResult>) =>
    flags.dryRun === true ? work() : withLock(statePath(gateway), { ...io, waiting: progress.waiting }, work);
  return alone(async () => {
    const session = await openSession(gateway, flags, io, progress);
    const { identity, confirm } = await session.identify();
    const { nodes, api } = gatewayNodes(gateway, identity, code);
    progress.update(`looking at ${gateway.name}-${gateway.stage} in ${gateway.region}`);
    const alias = askAccountAlias(session, flags, io);
    const observation = await timeline.during("read", "(read what exists)", () =>
      confirm(observe(session.ctx, nodes, session.state.hints)),
    );
    const planned = plan(nodes, observation, flags.adopt === true);
    const target = `${gateway.name}-${gateway.stage} in ${gateway.region}, account ${identity.account}${await alias()}`;
    const elsewhere = await elsewhereLines(planned, session, flags, io);
    if (flags.dryRun === true) {
      const seenApi = observedOf(observation, api)?.live;
      const urls = seenApi === undefined ? [] : routeUrls(gateway, seenApi.apiEndpoint);
      const report = planReport(planned);
      const durationMs = io.clock.elapsed() - start;
      const result = runResult(gateway, identity, report.resources, session.calls, durationMs, served(urls));
      showWarnings(planned, gateway, flags, progress, io);
      for (const line of elsewhere) progress.line(line);
      const summary = `dry run: ${planText(result.summary)}; nothing was changed`;
      const { stdout } = io.terminals;
      const lines = [target, ...planLines(report, paintFor(stdout)), summary];
      return { ...result, drift: report.drift, lines: lines.map((line) => wrapped(line, stdout)) };
    }

    if (!isNothingToDo(planned)) {
      showPlan(planned, target, progress, io);
      showWarnings(planned, gateway, flags, progress, io);
      for (const line of elsewhere) progress.line(line);
      progress.update(`deploying ${gateway.name}-${gateway.stage}`);
    }
    const { listener, removed } = deployListener(session, identity, timeline, progress, io);
    const settled = await recording(io, () =>
      converge(session.ctx, nodes, observation, flags.adopt === true, listener),
    );
    timeline.sinceLast("check", "(look again)");
    await session.state.retain(identity, nodes);
    const urls = routeUrls(gateway, liveOf(settled, api)?.apiEndpoint ?? "");
    const resources = [...settled.map(({ node, live, action }) => resourceResult(node, live, action)), ...removed];
    if (awaitsEndpoint && !isNothingToDo(planned)) {
      await timeline.during("endpoint", "(wait for the endpoint)", () =>
        recording(io, () => awaitEndpoint(urls, flags, io, progress)),
      );
    }
    const durationMs = io.clock.elapsed() - start;
    const result = runResult(gateway, identity, resources, session.calls, durationMs, served(urls));
    progress.line(`${gateway.name}-${gateway.stage}: ${summaryText(result.summary)} in ${duration(durationMs)}`);
    const baseUrl = openaiBaseUrl(urls);
    if (baseUrl !== undefined) progress.line(`OpenAI's clients: base URL ${baseUrl}`);
    return { ...result, lines: await pasteLines(urls, session, flags, io) };
  });
}

/**
 * Asks for the account's alias while the account is read, for the eyes of a person alone. Nobody waits for the answer: what
 * is returned tells ` (alias)` if it is there, else nothing, and asks no longer.
 */
function askAccountAlias({ gateway, aws }: Session, flags: Flags, io: Io): () => Promise<string> {
  const stop = new AbortController();
  const isWanted = io.terminals.stderr !== undefined && !gateway.local && flags.json !== true;
  const asked = isWanted ? aws.accountAlias(stop.signal) : undefined;
  return async () => {
    const alias = await Promise.race([asked, undefined]);
    stop.abort();
    return alias === undefined ? "" : ` (${alias})`;
  };
}

/** One route is asked: all of them are published by the same deployment. */
async function awaitEndpoint(urls: readonly RouteUrl[], flags: Flags, io: Io, progress: Progress): Promise<void> {
  const [first] = urls;
  if (first === undefined) return;
  const warning = await whenReady(first, io, progress.waiting);
  if (warning !== undefined) progress.line(warningText(warning, flags, io));
}

async function pasteLines(
  urls: readonly RouteUrl[],
  { gateway, profile, aws }: Session,
  flags: Flags,
  io: Io,
): Promise<string[]> {
  const [first] = urls;
  if (first === undefined) return [];
  const { accessKeyId, sessionToken } = await aws.credentials();
  const curl = curlLine(first, {
    region: gateway.region,
    profile,
    user: gateway.local ? `${LOCAL_ACCESS_KEY_ID}:${LOCAL_SECRET_ACCESS_KEY}` : undefined,
    hasSessionToken: sessionToken !== undefined,
    areInEnvironment: io.env.AWS_ACCESS_KEY_ID === accessKeyId,
  });
  return [first.url, ...(takesBody(first.method) ? [invokeLine(flags, io)] : []), curl];
}
