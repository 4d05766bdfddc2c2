import { remove } from "../aws/engine.ts";
import { observe, observedOf } from "../aws/observe.ts";
import { gatewayNodes, NO_CODE, removalChains } from "../aws/stack.ts";
import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import { GatewayError, usageError } from "../errors.ts";
import type { Io } from "../io.ts";
import { LOCAL_ACCOUNT_ID } from "../local/credentials.ts";
import { removeIfEmpty, withLock } from "../lock.ts";
import type { Progress } from "../progress.ts";
import { statePath } from "../state.ts";
import { localAwsPid } from "./local-aws.ts";
import { type ResourceResult, type RunResult, resourceLine, runResult, summaryText } from "./result.ts";
import { openSession, readGateway } from "./session.ts";

/** Removes everything the gateway owns. Already gone is success; what is not ours stays. */
export async function destroy(flags: Flags, io: Io, progress: Progress): Promise<RunResult> {
  const start = performance.now();
  const gateway = await readGateway(flags, io);
  await askFirst(gateway, flags, io);
  const path = statePath(gateway);
  const result = await withLock(path, io, async () => {
    const session = await openSession(gateway, flags, io);
    if (gateway.local && (await localAwsPid(io)) === undefined) {
      progress.line("the local AWS is not running, and what it held ended with it");
      await session.state.clear();
      return runResult(gateway, { account: LOCAL_ACCOUNT_ID, partition: "aws" }, [], [], performance.now() - start);
    }
    const { identity, confirm } = await session.identify();
    const stack = gatewayNodes(gateway, identity, NO_CODE);
    const chains = removalChains(stack).map((chain) =>
      chain.filter((node) => !(flags.keepLogs === true && (node === stack.logGroup || node === stack.accessLogGroup))),
    );
    progress.update(`looking at ${gateway.name}-${gateway.stage} in ${gateway.region}, account ${identity.account}`);
    // Searching also finds a second API of ours.
    const observation = await confirm(observe(session.ctx, chains.flat(), new Map(), true));
    for (const node of chains.flat()) {
      // Nothing that is not ours is deleted, and nobody should believe it was.
      if (observedOf(observation, node)?.owned !== false) continue;
      progress.line(`left alone: ${node.kind.type} ${node.name} does not belong to this gateway`);
    }
    const removed: ResourceResult[] = [];
    await remove(session.ctx, chains, observation, {
      waiting: (node, what) => progress.update(`${node.name}: waiting for ${what}`),
      settled: async () => undefined,
      async removed(name, type) {
        removed.push({
          id: chains.flat().find((node) => node.kind.type === type && node.name === name)?.id ?? type,
          type,
          name,
          action: "deleted",
        });
        progress.line(resourceLine({ action: "deleted", type, name }));
      },
    });
    await session.state.clear();
    return runResult(gateway, identity, removed, session.calls, performance.now() - start);
  });
  await removeIfEmpty(path);
  const contents = result.summary.deleted > 0 ? ", with everything in them" : "";
  progress.line(`${gateway.name}-${gateway.stage}: ${summaryText(result.summary)}${contents}`);
  return result;
}

async function askFirst({ name, stage, region, local }: Gateway, flags: Flags, io: Io): Promise<void> {
  if (flags.yes === true) return;
  const what = `${name}-${stage} in ${local ? "the local AWS" : region}`;
  if (!io.interactive) throw usageError(`destroy would delete ${what}, and nobody can be asked`, "Add --yes.");
  const answer = await io.ask(`Delete ${what} with everything in it? [y/N] `);
  if (/^y(es)?$/i.test(answer.trim())) return;
  throw new GatewayError("NotConfirmed", "nothing was deleted");
}
