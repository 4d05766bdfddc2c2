// What can happen to a call.
import type { Fault } from "../support/served-aws.ts";
import { actionOf } from "./denied.ts";
import type { RecordedCall } from "./prepared.ts";
import { REPEATED } from "./secrets.ts";
import type { Run, World } from "./world.ts";

/** How a fault is brought about, and how the run may end then. */
interface FaultKind {
  /** Most of its time is spent waiting: many can go on at once. */
  readonly isSlow?: true;
  /** Runs the command line, with the fault at the call. */
  strike(world: World, call: RecordedCall, args: readonly string[]): Promise<Run>;
  /** How the run may end, when it does not get over the fault by itself; left out: it has to. */
  readonly ends?: readonly (number | undefined)[];
  /** The second run is tried with the state file the first one left, and with no other. */
  readonly keepsState?: true;
}

const at = ({ service, operation, nth }: RecordedCall) => ({ service, operation, nth });

function here(fault: (call: RecordedCall) => Fault): FaultKind["strike"] {
  return async (world, call, args) => {
    await world.aws.faults(fault(call));
    return world.run(args);
  };
}

/** Runs a process that hears of a call once that has taken effect, and before its answer comes. */
function interrupted(signal: "SIGKILL" | "SIGINT"): FaultKind["strike"] {
  return async (world, call, args) => {
    await world.aws.faults({ ...at(call), effect: "after", kind: "hang" });
    return world.spawn(args, (child) => {
      world.onLog = async (line) => {
        if (line !== `${call.service} ${call.operation} hangs`) return;
        await world.lookAt(child);
        child.kill(signal);
        // Now the answer comes, to a process that is told to end.
        if (signal === "SIGINT") await world.aws.faults();
      };
    });
  };
}

/** IAM names action and role, but gives no ARN; of the others, none is counted on to say anything. */
function denial(call: RecordedCall): string {
  if (call.service !== "iam") return "Access denied";
  const action = actionOf(call);
  return `User: arn:aws:iam::000000000000:user/u is not authorized to perform: ${action} on resource: role llm-gw-prod-us-east-1 because no identity-based policy allows the ${action} action`;
}

const FAULTS = {
  "dropped before": { strike: here((call) => ({ ...at(call), effect: "before", kind: "drop" })) },
  "dropped after": { strike: here((call) => ({ ...at(call), effect: "after", kind: "drop" })) },
  "500 after": {
    isSlow: true,
    strike: here((call) => ({
      ...{ ...at(call), effect: "after", kind: "error", status: 500, code: "InternalFailure", message: REPEATED },
    })),
  },
  "429 three times": {
    isSlow: true,
    strike: here((call) => ({ ...at(call), times: 3, effect: "before", kind: "throttle" })),
  },
  hang: { isSlow: true, strike: here((call) => ({ ...at(call), effect: "after", kind: "hang" })) },
  SIGKILL: { strike: interrupted("SIGKILL"), ends: [undefined] },
  SIGINT: { strike: interrupted("SIGINT"), ends: [130] },
  denied: {
    keepsState: true,
    ends: [1],
    strike: here((call) => ({
      ...{ ...at(call), times: 1_000_000, effect: "before", kind: "error", message: denial(call) },
      ...(call.service === "logs" ? { status: 400 } : { status: 403 }),
      ...(call.service === "iam" ? { code: "AccessDenied" } : { code: "AccessDeniedException" }),
    })),
  },
} satisfies Record<string, FaultKind>;

export type FaultName = keyof typeof FAULTS;
export const FAULT_NAMES = Object.keys(FAULTS).filter((name): name is FaultName => name in FAULTS);

export function faultKind(name: FaultName): FaultKind {
  return FAULTS[name];
}
