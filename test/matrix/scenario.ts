// One scenario: a flow with a fault at one of its calls, then the same again without, then destroy.
import type { Snapshot } from "../../src/local/regions.ts";
import { describeAccount } from "./account.ts";
import { denialProblems } from "./denied.ts";
import { type FaultName, faultKind } from "./faults.ts";
import { commandOf, describeState, destroyIn, isAsWanted, type Prepared, type RecordedCall } from "./prepared.ts";
import { secretsIn } from "./secrets.ts";
import { inWorld, type Run, type StateFiles, type World } from "./world.ts";

const STATES = ["kept", "deleted", "from before"] as const;
export type StateVariant = (typeof STATES)[number];

export interface Strike {
  readonly prepared: Prepared;
  readonly call: RecordedCall;
  readonly fault: FaultName;
}

/** What a strike left behind. */
export interface Aftermath {
  readonly account: Snapshot;
  readonly files: StateFiles;
  /** Whether the command got over the fault by itself. */
  readonly survived: boolean;
  readonly problems: readonly string[];
}

export interface Outcome {
  readonly problems: readonly string[];
  /** What destroy left behind: in the account, and of files. */
  readonly leftovers: number;
}

/** What a recovery from this strike can be tried with. */
export function statesOf({ prepared, fault }: Strike): readonly StateVariant[] {
  if (faultKind(fault).keepsState) return ["kept"];
  // Before a first deploy there was none.
  return prepared.startState.size === 0 ? ["kept", "deleted"] : STATES;
}

export function nameOf({ prepared, call, fault }: Strike): string {
  return `${prepared.flow.name}, ${call.service} ${call.operation} ${call.nth}, ${fault}`;
}

/** Runs the flow with the fault. */
export function strike({ prepared, call, fault }: Strike): Promise<Aftermath> {
  const { flow, start, startState } = prepared;
  const kind = faultKind(fault);
  return inWorld(start, async (world) => {
    await world.configure(flow.config);
    await world.setStateFiles(startState);
    const run = await kind.strike(world, call, commandOf(flow));
    await world.aws.faults();
    const calls = await world.aws.calls();
    const account = world.aws.save();
    const files = await world.stateFiles();
    const survived = isAsWanted(run, flow.refusal);
    const problems = [
      ...(survived || kind.ends?.includes(run.code) ? [] : [`it ended with ${run.code}: ${run.stderr}`]),
      ...(calls.some((one) => one.fault !== undefined) ? [] : ["the fault did not strike"]),
      ...(fault === "denied" ? denialProblems(run, call, calls) : []),
      ...shownSecrets(world, run, files, account),
    ];
    return { account, files, survived, problems };
  });
}

/** Runs the flow again, without a fault, from what the strike left, and then destroys. */
export function recover({ prepared }: Strike, { account, files }: Aftermath, state: StateVariant): Promise<Outcome> {
  const { flow, startState, after, afterState, end } = prepared;
  return inWorld(account, async (world) => {
    await world.configure(flow.config);
    const given = { kept: files, deleted: new Map<string, string>(), "from before": startState };
    await world.setStateFiles(given[state]);
    const problems: string[] = [];
    const again = await world.run(commandOf(flow));
    const live = world.aws.save();
    if (!isAsWanted(again, flow.refusal)) problems.push(`again, it ended with ${again.code}: ${again.stderr}`);
    problems.push(...differences("the account", describeAccount(live), after));
    problems.push(...differences("the state file", describeState(await world.stateFiles(), live), afterState));
    problems.push(...shownSecrets(world, again, await world.stateFiles(), live));

    const destroyed = await destroyIn(world);
    if (destroyed.code !== 0) problems.push(`destroy ended with ${destroyed.code}: ${destroyed.stderr}`);
    const left = world.aws.save();
    const filesLeft = await world.stateFiles();
    problems.push(...shownSecrets(world, destroyed, filesLeft, left));
    const inAccount = differences("the account at the end", describeAccount(left), end);
    const inFolder = [...filesLeft.keys()].map((name) => `the file ${name} is left`);
    return { problems: [...problems, ...inAccount, ...inFolder], leftovers: inAccount.length + inFolder.length };
  });
}

export function shownSecrets(world: World, { stdout, stderr }: Run, files: StateFiles, account: Snapshot): string[] {
  const events = [...account.values()].flatMap(({ logGroups }) =>
    [...logGroups.values()].flatMap((group) => group.events),
  );
  return secretsIn({
    stdout,
    stderr,
    "the log of the local AWS": world.log.join("\n"),
    "the title of a process": [process.title, ...world.titles].join("\n"),
    "the function's log": events.map(({ message }) => message).join("\n"),
    ...Object.fromEntries(files),
  }).map((found) => `shown: ${found}`);
}

export function differences(what: string, found: unknown, wanted: unknown): string[] {
  const [foundText = "nothing", wantedText = "nothing"] = [found, wanted].map((value) =>
    JSON.stringify(value, undefined, 1),
  );
  if (foundText === wantedText) return [];
  const known = new Set(wantedText.split("\n"));
  const seen = new Set(foundText.split("\n"));
  const more = foundText.split("\n").filter((line) => !known.has(line));
  const less = wantedText.split("\n").filter((line) => !seen.has(line));
  return [
    `${what} differs: has ${more.slice(0, 12).join(" ") || "the same in another number"}; lacks ${less.slice(0, 12).join(" ")}`,
  ];
}
