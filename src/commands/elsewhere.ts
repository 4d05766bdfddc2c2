import { isNothingToDo, type Plan } from "../aws/plan.ts";
import { api } from "../aws/resources/api.ts";
import type { Flags } from "../config/settings.ts";
import type { Io } from "../io.ts";
import { rememberedGateways } from "../state.ts";
import { gatewayLine } from "./command-lines.ts";
import type { Session } from "./session.ts";

/**
 * What a first deploy from a folder should not pass over in silence: that the gateway stands there already, or that the
 * folder remembers the same one in another region, where it would stay unseen. Asks AWS nothing.
 */
export async function elsewhereLines(
  planned: Plan,
  { gateway, state }: Pick<Session, "gateway" | "state">,
  flags: Flags,
  io: Pick<Io, "env">,
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
      const removal = gatewayLine("destroy", "", { ...flags, region }, io);
      return `warning: ${name} also stands in ${region}, account ${account}; if it should not: ${removal}`;
    });
  }
  if (action === "adopted") return [];
  return [`${name} exists already, and this folder has no record of it; it is changed as shown`];
}
