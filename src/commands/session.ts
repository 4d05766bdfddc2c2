import { GetCallerIdentityCommand, type GetCallerIdentityCommandOutput } from "@aws-sdk/client-sts";
import { type Aws, type Call, connect, profileRegion, type Target } from "../aws/clients.ts";
import type { Identity } from "../aws/kind.ts";
import { ownerTags } from "../aws/names.ts";
import type { RunCtx } from "../aws/observe.ts";
import { type Flags, profileOf } from "../config/settings.ts";
import { type Gateway, loadGateway } from "../config.ts";
import { GatewayError } from "../errors.ts";
import type { Io } from "../io.ts";
import { LOCAL_ACCESS_KEY_ID, LOCAL_SECRET_ACCESS_KEY } from "../local/credentials.ts";
import type { Progress } from "../progress.ts";
import { openState, type State, statePath } from "../state.ts";
import { wrapped } from "../text.ts";
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
   * `confirm` waits for both, and prefers to say that the state belongs to another account (OtherAccount) over whatever
   * reads in the wrong account fail with. Confirm something before any write.
   */
  identify(): Promise<{ readonly identity: Identity; confirm<T>(reads: Promise<T>): Promise<T> }>;
}

/** Reads the configuration. Nothing is called but, for its region, the user's AWS profile. */
export async function readGateway(flags: Flags, io: Io): Promise<Gateway> {
  const gateway = await loadGateway(flags, io, () => profileRegion(profileOf(flags, io)));
  const { name, stage, region } = gateway;
  io.hide(Object.values(gateway.function.environment), ["llm-gw", `${name}-${stage}`, `/${stage}/`, region]);
  return gateway;
}

/** The clients of one run, and the calls they have made. */
export function openAws(
  { region, local }: Pick<Gateway, "region" | "local">,
  flags: Flags,
  io: Io,
  progress: Progress,
): Pick<Session, "profile" | "aws" | "calls"> {
  const profile = profileOf(flags, io);
  const target: Target = local
    ? {
        region,
        endpoint: localUrl(io),
        credentials: { accessKeyId: LOCAL_ACCESS_KEY_ID, secretAccessKey: LOCAL_SECRET_ACCESS_KEY },
      }
    : { region, profile };
  const calls: Call[] = [];
  const { clock, signal } = io;
  const start = clock.elapsed();
  const onCall = (call: Call) => {
    calls.push(call);
    if (flags.verbose !== true) return;
    io.stderr(`${wrapped(describeCall(call, clock.elapsed() - start), io.terminals.stderr)}\n`);
  };
  return { profile, aws: connect(target, { clock, signal, onCall, waiting: progress.waiting }), calls };
}

export async function openSession(gateway: Gateway, flags: Flags, io: Io, progress: Progress): Promise<Session> {
  const { profile, aws, calls } = openAws(gateway, flags, io, progress);
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
      // Awaited in confirm(), which something else may fail before.
      asked.catch(() => undefined);
      const identity = state.identity ?? (await asked);
      return {
        identity,
        async confirm(reads) {
          const [actual, result] = await Promise.allSettled([asked, reads]);
          if (actual.status === "rejected") throw actual.reason;
          refuseOtherAccount(gateway, identity, actual.value);
          if (result.status === "rejected") throw result.reason;
          return result.value;
        },
      };
    },
  };
}

/** Runs what writes; of its interruption it says what comes of that. */
export async function recording<T>({ signal }: Pick<Io, "signal">, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!signal.aborted || error !== signal.reason || !(error instanceof GatewayError)) throw error;
    const hint = "What was done is recorded: the next run goes on from there.";
    throw new GatewayError(error.code, error.message, { exitCode: error.exitCode, cause: error, hint });
  }
}

export async function callerIdentity(aws: Aws): Promise<Identity> {
  return identityOf(await aws.sts.send(new GetCallerIdentityCommand({})));
}

/** @throws GatewayError NoIdentity for what AWS would not have answered */
export function identityOf({ Account, Arn }: GetCallerIdentityCommandOutput): Identity {
  const partition = Arn?.split(":")[1];
  if (Account === undefined || partition === undefined) {
    throw new GatewayError("NoIdentity", "AWS did not say which account these credentials belong to", {
      hint: "Something else may have answered: check the network, a proxy, and AWS_ENDPOINT_URL if it is set.",
    });
  }
  return { account: Account, partition };
}

function refuseOtherAccount(gateway: Gateway, remembered: Identity, actual: Identity): void {
  if (remembered.account === actual.account && remembered.partition === actual.partition) return;
  throw new GatewayError(
    "OtherAccount",
    `this gateway was deployed to account ${accountName(remembered)}, and the credentials are for ${accountName(actual)}`,
    {
      hint: `Use the credentials of that account, or move ${statePath(gateway)} away to deploy another gateway here.`,
    },
  );
}

function accountName({ account, partition }: Identity): string {
  return partition === "aws" ? account : `${account} (${partition})`;
}

/** `  +0.214 s aws lambda GetFunction: 200 in 62 ms, request 1f0c...`; the first figure is when it was sent. */
function describeCall({ service, operation, status, durationMs, requestId, error }: Call, endMs: number): string {
  const sent = ((endMs - durationMs) / 1000).toFixed(3);
  const outcome = [status ?? "no answer", error].filter((part) => part !== undefined).join(" ");
  const id = requestId === undefined ? "" : `, request ${requestId}`;
  return `  +${sent} s aws ${service} ${operation}: ${outcome} in ${Math.round(durationMs)} ms${id}`;
}
