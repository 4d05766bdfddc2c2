import { GetCallerIdentityCommand } from "@aws-sdk/client-sts";
import { type Aws, type Call, connect, profileRegion, type Target } from "../aws/clients.ts";
import type { RunCtx } from "../aws/engine.ts";
import type { Identity } from "../aws/kind.ts";
import { ownerTags } from "../aws/names.ts";
import type { Flags } from "../config/settings.ts";
import { type Gateway, loadGateway } from "../config.ts";
import { GatewayError } from "../errors.ts";
import type { Io } from "../io.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../local/credentials.ts";
import { openState, type State, statePath } from "../state.ts";
import { localUrl } from "./local-aws.ts";

/** What every command that talks to AWS works with. */
export interface Session {
  readonly gateway: Gateway;
  readonly profile: string | undefined;
  readonly aws: Aws;
  readonly ctx: RunCtx;
  readonly state: State;
  readonly calls: readonly Call[];
  /**
   * Who we are: at once from the state, while AWS is asked at the same time.
   * `confirmed` rejects with OtherAccount when the state belongs to another account: await it before any write.
   */
  identify(): Promise<{ readonly identity: Identity; readonly confirmed: Promise<void> }>;
}

/** Reads the configuration. Nothing is called but, for its region, the user's AWS profile. */
export function readGateway(flags: Flags, io: Io): Promise<Gateway> {
  return loadGateway(flags, io, () => profileRegion(profileOf(flags, io)));
}

export async function openSession(gateway: Gateway, flags: Flags, io: Io): Promise<Session> {
  const profile = profileOf(flags, io);
  const target: Target = gateway.local
    ? {
        region: gateway.region,
        endpoint: localUrl(io),
        credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
      }
    : { region: gateway.region, profile };
  const calls: Call[] = [];
  const aws = connect(target, io.signal, (call) => {
    calls.push(call);
    if (flags.verbose === true) io.stderr(`${describeCall(call)}\n`);
  });
  const state = await openState(gateway, io);
  return {
    gateway,
    profile,
    aws,
    ctx: { aws, clock: io.clock, signal: io.signal, ownerTags: ownerTags(gateway) },
    state,
    calls,
    async identify() {
      const asked = callerIdentity(aws);
      if (state.identity === undefined) return { identity: await asked, confirmed: Promise.resolve() };
      const remembered = state.identity;
      const confirmed = asked.then((actual) => refuseOtherAccount(gateway, remembered, actual));
      // Awaited by the caller, but perhaps not before something else has failed.
      confirmed.catch(() => undefined);
      return { identity: remembered, confirmed };
    },
  };
}

function profileOf(flags: Flags, io: Io): string | undefined {
  return typeof flags.profile === "string" ? flags.profile : io.env.AWS_PROFILE || undefined;
}

async function callerIdentity(aws: Aws): Promise<Identity> {
  const { Account, Arn } = await aws.sts.send(new GetCallerIdentityCommand({}));
  const partition = Arn?.split(":")[1];
  if (Account === undefined || partition === undefined) {
    throw new GatewayError("NoIdentity", "AWS did not say which account these credentials belong to");
  }
  return { account: Account, partition };
}

function refuseOtherAccount(gateway: Gateway, remembered: Identity, actual: Identity): void {
  if (remembered.account === actual.account) return;
  throw new GatewayError(
    "OtherAccount",
    `this gateway was deployed to account ${remembered.account}, and the credentials are for ${actual.account}`,
    {
      hint: `Use the credentials of that account, or move ${statePath(gateway)} away to deploy another gateway here.`,
    },
  );
}

function describeCall({ service, operation, status, durationMs, requestId, error }: Call): string {
  const outcome = error === undefined ? String(status) : `${status ?? "no answer"} ${error}`;
  return `  aws ${service} ${operation}: ${outcome}, ${Math.round(durationMs)} ms${requestId ? `, ${requestId}` : ""}`;
}
