import { isNothingToDo, type Plan } from "../aws/plan.ts";
import { api } from "../aws/resources/api.ts";
import type { Flags } from "../config/settings.ts";
import type { Io } from "../io.ts";
import { rememberedGateways } from "../state.ts";
import { warningText } from "../warning.ts";
import type { Session } from "./session.ts";

/**
 * What a first deploy from a folder should not pass over in silence: that the gateway stands there already, or that the
 * folder remembers the same one in another region, where it would stay unseen. Asks AWS nothing.
 */
export async function elsewhereLines(
  planned: Plan,
  { gateway, state }: Pick<Session, "gateway" | "state">,
  flags: Flags,
  io: Pick<Io, "env" | "terminals">,
): Promise<string[]> {
  if (state.identity !== undefined || isNothingToDo(planned)) return [];
  const name = `${gateway.name}-${gateway.stage}`;
  const action = planned.steps.find(({ node }) => node.kind === api)?.action;
  if (action === "created") {
    if (gateway.local) return [];
    const others = (await rememberedGateways(gateway.directory)).filter(
      (one) => !one.local && one.name === gateway.name && one.stage === gateway.stage && one.region !== gateway.region,
    );
    return others.map(({ region, account }) => {
      const memory = `this folder also remembers ${name} in ${region}, account ${account}; to remove it: llm-gw destroy`;
      return warningText(memory, { ...flags, region }, io);
    });
  }
  if (action === "adopted") return [];
  const warning = `${name} exists already, and this folder has no record of it; the plan changes it; another --name makes a gateway of its own`;
  return [warningText(warning, flags, io)];
}
