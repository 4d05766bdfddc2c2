// Sequences as fast-check draws and shrinks them.
import fc from "fast-check";
import { FAULT_NAMES } from "../matrix/faults.ts";
import {
  type Command,
  comes,
  deleteByHand,
  deploy,
  deployTwice,
  destroy,
  edit,
  leaves,
  loseState,
  type Model,
  oldState,
  type Real,
  secondApi,
  struck,
} from "./commands.ts";
import { CONFIGURATION_NAMES, type Ideals } from "./configurations.ts";
import { DELETIONS, EDITS } from "./hands.ts";
import { runSequence, type Start } from "./sequence.ts";
import { STRANGER_NAMES } from "./strangers.ts";

interface Options {
  /** How long a sequence may be. */
  readonly most: number;
  /** What fast-check names when a sequence fails. */
  readonly replayPath?: string;
  /** Hears of the kinds of commands of each sequence that went well. */
  ran?(kinds: readonly string[]): void;
}

/** The property that every sequence goes well. */
export function sequences(ideals: Ideals, { most, replayPath, ran }: Options) {
  const commands = fc.commands<Model, Real, false>(arbitraries(ideals), {
    maxCommands: most,
    // Of every length up to that one alike.
    size: "max",
    ...(replayPath === undefined ? {} : { replayPath }),
  });
  return fc.asyncProperty(fc.constantFrom<Start>("deployed", "empty"), commands, async (start, drawn) => {
    const kinds = await runSequence(ideals, start, drawn);
    ran?.(kinds);
  });
}

/** One of these is drawn for each command; what stands here twice comes twice as often. */
function arbitraries({ operations }: Ideals): fc.Arbitrary<Command>[] {
  const configuration = fc.constantFrom(...CONFIGURATION_NAMES);
  const call = fc
    .tuple(fc.constantFrom(...operations), fc.constantFrom(1, 2))
    .map(([operation, nth]) => ({ ...operation, nth }));
  // The matrix has those that wait long.
  const faults = FAULT_NAMES.filter((name) => name !== "hang" && name !== "429 three times");
  const isProcess = (name: string) => name.startsWith("SIG");
  const fault = fc.oneof(
    { weight: 4, arbitrary: fc.constantFrom(...faults.filter((name) => !isProcess(name))) },
    // A process of its own takes ten times as long.
    { weight: 1, arbitrary: fc.constantFrom(...faults.filter(isProcess)) },
  );
  const struckDeploy = fc.tuple(configuration, call, fault).map((drawn) => struck("deploy", ...drawn));
  const struckDestroy = fc.tuple(configuration, call, fault).map((drawn) => struck("destroy", ...drawn));
  const edited = fc.constantFrom(...Object.keys(EDITS)).map(edit);
  const deleted = fc.constantFrom(...Object.keys(DELETIONS)).map(deleteByHand);
  const stranger = fc.constantFrom(...STRANGER_NAMES);
  return [
    configuration.map(deploy),
    fc.constant(destroy()),
    struckDeploy,
    struckDeploy,
    struckDestroy,
    configuration.map(deployTwice),
    edited,
    edited,
    deleted,
    fc.oneof(fc.constant(loseState()), fc.constant(secondApi()), fc.integer({ min: 1, max: 3 }).map(oldState)),
    fc.oneof(stranger.map(comes), stranger.map(leaves)),
  ];
}

/** What went wrong, and how to see it again; undefined when nothing did. */
export async function failureText<T>(result: fc.RunDetails<T>, most: number): Promise<string | undefined> {
  const report = await fc.asyncDefaultReportMessage(result);
  if (report === undefined) return undefined;
  const replayPath = /replayPath="([^"]*)"/.exec(report)?.[1];
  const replay = { seed: result.seed, path: result.counterexamplePath ?? undefined, replayPath, most };
  const error = result.errorInstance instanceof Error ? result.errorInstance.message : String(result.errorInstance);
  return `${report}\n\n${error}\n\nAgain: LLM_GW_MODEL='${JSON.stringify(replay)}' npx vitest run test/model/model.test.ts`;
}
