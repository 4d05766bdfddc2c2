import { converge, liveOf, type Settled } from "../aws/engine.ts";
import type { Identity } from "../aws/kind.ts";
import { observe, observedOf } from "../aws/observe.ts";
import { isNothingToDo, type Plan, plan } from "../aws/plan.ts";
import { gatewayNodes } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import type { Io } from "../io.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../local/credentials.ts";
import { withLock } from "../lock.ts";
import type { Progress } from "../progress.ts";
import { statePath } from "../state.ts";
import { packageFor } from "./code.ts";
import { curlLine, invokeLine, type RouteUrl, routeUrls, served } from "./endpoint.ts";
import { ensureLocalAws } from "./local-aws.ts";
import { whenReady } from "./ready.ts";
import {
  type Drift,
  planReport,
  planText,
  type ResourceResult,
  type RunResult,
  resourceLine,
  resourceResult,
  runResult,
  summaryText,
} from "./result.ts";
import { openSession, readGateway, type Session } from "./session.ts";

export interface DeployResult extends RunResult {
  /** Only with --dry-run: what would change. */
  readonly drift?: readonly Drift[];
  /** For people: the endpoint and two lines to paste. */
  readonly lines: readonly string[];
}

interface Variant {
  /** Left out: as the configuration says, with its state beside it. */
  readonly read?: typeof readGateway;
  /** Whether to ask the endpoint until it answers. Left out: yes. */
  readonly awaitsEndpoint?: boolean;
}

/** Creates what is missing, changes what differs, and ends when the endpoint answers. */
export async function deploy(
  flags: Flags,
  io: Io,
  progress: Progress,
  { read = readGateway, awaitsEndpoint = true }: Variant = {},
): Promise<DeployResult> {
  const start = performance.now();
  const gateway = await read(flags, io);
  // Before any call: whatever is wrong with the package is wrong without AWS.
  const code = await packageFor(gateway);
  if (gateway.local) await ensureLocalAws(io, progress.line);
  return withLock(statePath(gateway), io, async () => {
    const session = await openSession(gateway, flags, io);
    const { identity, confirm } = await session.identify();
    const { nodes, api } = gatewayNodes(gateway, identity, code);
    progress.update(`looking at ${gateway.name}-${gateway.stage} in ${gateway.region}, account ${identity.account}`);
    const observation = await confirm(observe(session.ctx, nodes, session.state.hints));
    const planned = plan(nodes, observation, flags.adopt === true);
    if (!isNothingToDo(planned)) warn(gateway, progress);
    if (flags.dryRun === true) {
      const seenApi = observedOf(observation, api)?.live;
      const urls = seenApi === undefined ? [] : routeUrls(gateway, seenApi.apiEndpoint);
      return dryRun(session, identity, planned, performance.now() - start, urls);
    }

    if (!isNothingToDo(planned)) progress.update(`deploying ${gateway.name}-${gateway.stage}`);
    const removed: ResourceResult[] = [];
    const settled = await converge(session.ctx, nodes, observation, flags.adopt === true, {
      waiting: (node, what) => progress.update(`${node.name}: waiting for ${what}`),
      async settled({ node, live, action }: Settled) {
        await session.state.record(identity, node, live);
        if (action !== "unchanged") progress.line(resourceLine({ action, type: node.kind.type, name: node.name }));
      },
      async removed(name, type) {
        removed.push({ id: `${type} ${name}`, type, name, action: "deleted" });
        progress.line(resourceLine({ action: "deleted", type, name }));
      },
    });
    await session.state.retain(identity, nodes);
    const urls = routeUrls(gateway, liveOf(settled, api)?.apiEndpoint ?? "");
    const resources = [...settled.map(({ node, live, action }) => resourceResult(node, live, action)), ...removed];
    if (awaitsEndpoint && !isNothingToDo(planned)) await awaitEndpoint(urls, io, progress);
    const duration = performance.now() - start;
    const result = runResult(gateway, identity, resources, session.calls, duration, served(urls));
    progress.line(
      `${gateway.name}-${gateway.stage}: ${summaryText(result.summary)} in ${(duration / 1000).toFixed(1)} s`,
    );
    return { ...result, lines: await pasteLines(urls, session, flags, io) };
  });
}

function warn({ function: { timeout, source }, routes }: Gateway, progress: Progress): void {
  if (timeout > 30) {
    progress.line(
      `warning: API Gateway gives up after 30 s, though the function may run for ${timeout} s; for longer answers: llm-gw invoke --via lambda`,
    );
  }
  const unanswered = routes.filter((route) => route !== "POST /inference");
  if (source.kind === "builtin" && unanswered.length > 0) {
    progress.line(`warning: the built-in function answers only POST /inference, not ${unanswered.join(", ")}`);
  }
}

function dryRun(
  { gateway, calls }: Session,
  identity: Identity,
  planned: Plan,
  durationMs: number,
  urls: readonly RouteUrl[],
): DeployResult {
  const { resources, drift, lines } = planReport(planned);
  const result = runResult(gateway, identity, resources, calls, durationMs, served(urls));
  return { ...result, drift, lines: [...lines, `dry run: ${planText(result.summary)}; nothing was changed`] };
}

/** One route is asked: all of them are published by the same deployment. */
async function awaitEndpoint(urls: readonly RouteUrl[], io: Io, progress: Progress): Promise<void> {
  const [first] = urls;
  if (first === undefined) return;
  const warning = await whenReady(first, io, (what) => progress.update(`waiting for ${what}`));
  if (warning !== undefined) progress.line(`warning: ${warning}`);
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
  return [first.url, invokeLine(flags, io), curl];
}
