import { dirname } from "node:path";
import type { Listener } from "../aws/engine.ts";
import type { AnyNode, Identity } from "../aws/kind.ts";
import { type Observation, observe, observedOf } from "../aws/observe.ts";
import { remove } from "../aws/remove.ts";
import { gatewayNodes, NO_CODE, removalChains } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import { GatewayError, usageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { LOCAL_ACCOUNT_ID } from "../local/credentials.ts";
import { withLock } from "../lock.ts";
import type { Progress } from "../progress.ts";
import { statePath } from "../state.ts";
import { removeFolderIfEmpty } from "../state-folder.ts";
import { paintFor } from "../text.ts";
import { absentLine } from "./command-lines.ts";
import { localAwsPid } from "./local-aws.ts";
import { type ResourceResult, type RunResult, resourceLine, runResult, summaryText } from "./result.ts";
import { openSession, readGateway, recording } from "./session.ts";

/** Removes everything the gateway owns. Already gone is success; what is not ours stays. */
export async function destroy(flags: Flags, io: Io, progress: Progress): Promise<RunResult> {
  const start = io.clock.elapsed();
  const gateway = await readGateway(flags, io);
  const confirmed = flags.yes === true ? undefined : await askFirst(gateway, flags, io, progress);
  const path = statePath(gateway);
  const paint = paintFor(io.terminals.stderr);
  const result = await withLock(path, { ...io, waiting: progress.waiting }, async () => {
    const session = await openSession(gateway, flags, io, progress);
    if (gateway.local && (await localAwsPid(io)) === undefined) {
      progress.line("the local AWS is not running, and what it held ended with it");
      await session.state.clear();
      return runResult(gateway, { account: LOCAL_ACCOUNT_ID, partition: "aws" }, [], [], io.clock.elapsed() - start);
    }
    const { identity, confirm } = await session.identify();
    const chains = chainsOf(gateway, identity, flags);
    progress.update(`looking at ${gateway.name}-${gateway.stage} in ${gateway.region}, account ${identity.account}`);
    // Searching also finds a second API of ours, and what is remembered one that AWS does not list yet.
    const observation = await confirm(observe(session.ctx, chains.flat(), session.state.hints, true));
    for (const node of chains.flat()) {
      // Nothing that is not ours is deleted, and nobody should believe it was.
      if (observedOf(observation, node)?.owned !== false) continue;
      progress.line(`left alone: ${node.kind.type} ${node.name} does not belong to this gateway`);
    }
    const owned = ownedOf(chains, observation);
    if (confirmed !== undefined && owned.some(({ id }) => !confirmed.has(id))) throw notShown(gateway);
    if (owned.length > 0) {
      progress.update(`deleting ${gateway.name}-${gateway.stage}`);
    } else {
      progress.line(absentLine(gateway, flags, io));
    }
    const removed: ResourceResult[] = [];
    const listener: Pick<Listener, "started" | "waiting" | "removed"> = {
      started: (node) => progress.started(node.id, `${node.kind.type} ${node.name}`),
      waiting: (what, node) => progress.waiting(what, node?.id),
      async removed(name, type) {
        const id = chains.flat().find((node) => node.kind.type === type && node.name === name)?.id ?? type;
        removed.push({ id, type, name, action: "deleted" });
        progress.finished(id);
        progress.line(resourceLine({ action: "deleted", type, name }, paint));
      },
    };
    await recording(io, () => remove(session.ctx, chains, observation, session.state.hints, listener));
    await session.state.clear();
    return runResult(gateway, identity, removed, session.calls, io.clock.elapsed() - start);
  });
  await removeFolderIfEmpty(dirname(path));
  const { deleted } = result.summary;
  const contents = deleted === 0 ? "" : `, with everything in ${deleted === 1 ? "it" : "them"}`;
  progress.line(`${gateway.name}-${gateway.stage}: ${summaryText(result.summary)}${contents}`);
  return result;
}

/** What is to be deleted, and in which order. */
function chainsOf(gateway: Gateway, identity: Identity, flags: Flags): AnyNode[][] {
  const stack = gatewayNodes(gateway, identity, NO_CODE);
  const isKept = (node: AnyNode) =>
    flags.keepLogs === true && (node === stack.logGroup || node === stack.accessLogGroup);
  return removalChains(stack).map((chain) => chain.filter((node) => !isKept(node)));
}

function ownedOf(chains: readonly AnyNode[][], observation: Observation): AnyNode[] {
  return chains.flat().filter((node) => observedOf(observation, node)?.owned);
}

/**
 * Shows what would be deleted, and asks; not where there is nothing. It looks by itself: whoever is asked may take his
 * time, and holds no lock meanwhile.
 * @returns the ids of the nodes that may be deleted
 */
async function askFirst(gateway: Gateway, flags: Flags, io: Io, progress: Progress): Promise<ReadonlySet<string>> {
  if (!io.interactive) {
    throw usageError(`destroy would delete ${nameOf(gateway)}, and nobody can be asked`, "Add --yes.");
  }
  if (gateway.local && (await localAwsPid(io)) === undefined) return new Set();
  const looked = progress.waiting("AWS to show what would be deleted");
  const { ctx, state, identify } = await openSession(gateway, flags, io, progress);
  const { identity, confirm } = await identify();
  const chains = chainsOf(gateway, identity, flags);
  const owned = ownedOf(chains, await confirm(observe(ctx, chains.flat(), state.hints, true)));
  looked();
  if (owned.length === 0) return new Set();
  const paint = paintFor(io.terminals.stderr);
  for (const { name, kind } of owned) progress.line(resourceLine({ action: "deleted", type: kind.type, name }, paint));
  const account = gateway.local ? "" : `, account ${identity.account}`;
  const answer = await io.ask(`Delete ${nameOf(gateway)}${account}, with everything in it? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return new Set(owned.map(({ id }) => id));
  throw new GatewayError("NotConfirmed", "nothing was deleted", { hint: "Answer y to delete it, or add --yes." });
}

/** Another run has made it since. */
function notShown(gateway: Gateway): GatewayError {
  const message = `nothing was deleted: more of ${nameOf(gateway)} is there now than was shown`;
  return new GatewayError("NotConfirmed", message, { hint: "Run it again: it shows what is there, and asks." });
}

function nameOf({ name, stage, region, local }: Gateway): string {
  return `${name}-${stage} in ${local ? "the local AWS" : region}`;
}
