// Runs strikes, with all that follows from each, and sums up.
import { FAULT_NAMES, type FaultName, faultKind } from "./faults.ts";
import { FLOWS } from "./flows.ts";
import { type Prepared, prepare, type RecordedCall } from "./prepared.ts";
import { type Aftermath, nameOf, type Outcome, recover, type Strike, statesOf, strike } from "./scenario.ts";

/** What became of one strike; `scenarios` counts the recoveries from it. */
export interface Result {
  readonly flow: string;
  readonly fault: FaultName;
  readonly scenarios: number;
  readonly converged: number;
  readonly survived: boolean;
  readonly leftovers: number;
  readonly problems: readonly string[];
}

/** Strikes that work the machine, and strikes that mostly wait, which may be many. */
export interface Limits {
  readonly busy: number;
  readonly waiting: number;
}

/** Every flow, run once without faults. */
export async function prepareAll(): Promise<Prepared[]> {
  const prepared: Prepared[] = [];
  for (const flow of FLOWS) prepared.push(await prepare(flow));
  return prepared;
}

/** Every fault at every recorded call of every flow, in an order that does not depend on how the calls ran. */
export function allStrikes(flows: readonly Prepared[]): Strike[] {
  const keyOf = ({ service, operation, nth }: RecordedCall) => `${service} ${operation} ${nth}`;
  return flows.flatMap((prepared) =>
    prepared.calls
      .toSorted((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1))
      .flatMap((call) =>
        FAULT_NAMES.filter((fault) => canStrike(call, fault)).map((fault) => ({ prepared, call, fault })),
      ),
  );
}

/** Nobody can be denied to ask who he is [aws 7.1]. */
function canStrike({ operation }: RecordedCall, fault: FaultName): boolean {
  return fault !== "denied" || operation !== "GetCallerIdentity";
}

/** `finished` hears of each strike. */
export async function runAll(
  strikes: readonly Strike[],
  limits: Limits,
  finished: (result: Result) => void,
): Promise<void> {
  const busy = limiter(limits.busy);
  const waiting = limiter(limits.waiting);
  await Promise.all(
    strikes.map(async (one) => {
      const isSlow = faultKind(one.fault).isSlow === true;
      const aftermath = await (isSlow ? waiting : busy)(() => strike(one)).catch(brokenStrike);
      const states = statesOf(one);
      const outcomes = await Promise.all(
        states.map((state) => busy(() => recovered(one, aftermath, state)).catch(brokenRecovery)),
      );
      const problems = [
        ...aftermath.problems.map((problem) => `${nameOf(one)}: ${problem}`),
        ...outcomes.flatMap((outcome, n) =>
          outcome.problems.map((problem) => `${nameOf(one)}, state ${states[n]}: ${problem}`),
        ),
      ];
      const isWhole = aftermath.problems.length === 0;
      finished({
        flow: one.prepared.flow.name,
        fault: one.fault,
        scenarios: states.length,
        converged: outcomes.filter((outcome) => isWhole && outcome.problems.length === 0).length,
        survived: aftermath.survived,
        leftovers: outcomes.reduce((sum, { leftovers }) => sum + leftovers, 0),
        problems,
      });
    }),
  );
}

async function recovered(one: Strike, aftermath: Aftermath | Broken, state: Parameters<typeof recover>[2]) {
  return "account" in aftermath ? recover(one, aftermath, state) : { problems: [], leftovers: 0 };
}

interface Broken {
  readonly survived: false;
  readonly problems: readonly string[];
}

function brokenStrike(error: unknown): Broken {
  return { survived: false, problems: [`the strike broke: ${textOf(error)}`] };
}

function brokenRecovery(error: unknown): Outcome {
  return { problems: [`the recovery broke: ${textOf(error)}`], leftovers: 0 };
}

function textOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}

/** Lets so much work go on at once; the rest waits in order. */
function limiter(most: number): <T>(work: () => Promise<T>) => Promise<T> {
  let running = 0;
  const waiting: (() => void)[] = [];
  return async (work) => {
    if (running >= most) await new Promise<void>((resolve) => waiting.push(resolve));
    else running += 1;
    try {
      return await work();
    } finally {
      const next = waiting.shift();
      if (next === undefined) running -= 1;
      else next();
    }
  };
}
