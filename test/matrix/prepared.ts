// Each flow once without faults: its calls, which the scenarios are made from, and what they are compared with.
import type { Snapshot } from "../../src/local/regions.ts";
import { describeAccount, plain, withoutIds } from "./account.ts";
import type { Flow } from "./flows.ts";
import { secretsIn } from "./secrets.ts";
import { inWorld, type Run, type StateFiles, type World } from "./world.ts";

/** The k-th call of an operation; calls run in parallel, so that their place in the whole run says nothing. */
export interface RecordedCall {
  readonly service: string;
  readonly operation: string;
  readonly nth: number;
}

export interface Prepared {
  readonly flow: Flow;
  readonly start: Snapshot;
  readonly startState: StateFiles;
  readonly calls: readonly RecordedCall[];
  /** What the flow leaves, and what destroy leaves after it. */
  readonly after: unknown;
  readonly afterState: unknown;
  readonly end: unknown;
}

const STATE = "llm-gw-prod-local.json";
const COMMON = ["--local", "--json", "--verbose"];
const DESTROY = ["destroy", "--yes", ...COMMON];

/** The arguments that run a flow. */
export function commandOf({ command, flags = [] }: Flow): string[] {
  // The key's name on the command line, its value only in the environment.
  return [command, ...flags, ...(command === "deploy" ? ["--env", "OPENAI_API_KEY"] : []), ...COMMON];
}

export function destroyIn(world: World): Promise<Run> {
  return world.run(DESTROY);
}

/** The state file as it is with names in place of ids; undefined when there is none. */
export function describeState(files: StateFiles, account: Snapshot): unknown {
  const text = files.get(STATE);
  if (text === undefined) return undefined;
  const { updatedAt: _at, ...state } = JSON.parse(withoutIds(text, account));
  return plain(state);
}

/** Runs a flow without faults. Throws when that does not go as the flow says, or shows a secret. */
export async function prepare(flow: Flow): Promise<Prepared> {
  const begun = await inWorld(undefined, async (world) => {
    await flow.foreign?.(world.aws);
    if (flow.before !== undefined) {
      await world.configure(flow.before);
      demand(await world.run(["deploy", "--env", "OPENAI_API_KEY", ...COMMON]));
    }
    return { start: world.aws.save(), startState: await world.stateFiles() };
  });
  return inWorld(begun.start, async (world) => {
    await world.configure(flow.config);
    await world.setStateFiles(begun.startState);
    await showsNoSecret(flow, world);
    await world.aws.calls();
    demand(await world.run(commandOf(flow)), flow.refusal);
    const calls = numbered(await world.aws.calls());
    const account = world.aws.save();
    const afterState = describeState(await world.stateFiles(), account);
    demand(await destroyIn(world));
    const end = describeAccount(world.aws.save());
    if (JSON.stringify(end) !== "[]" && !flow.leavesForeign) {
      throw new Error(`${flow.name}: destroy leaves ${JSON.stringify(end)}`);
    }
    const unknown = JSON.stringify(afterState)?.match(/"(api|integration|route|deployment)Id":"[^{"]+"/g) ?? [];
    if (unknown.length > 0) throw new Error(`${flow.name}: the state file knows what does not exist: ${unknown}`);
    return { flow, ...begun, calls, after: describeAccount(account), afterState, end };
  });
}

/** The plan, and what the account looks like against the configuration, for people and for programs. */
async function showsNoSecret({ name, command, flags = [] }: Flow, world: World): Promise<void> {
  if (command !== "deploy") return;
  const key = ["--local", "--env", "OPENAI_API_KEY"];
  for (const args of [
    ["deploy", "--dry-run", ...flags, ...key],
    ["status", ...key],
  ]) {
    for (const more of [[], ["--json", "--verbose"]]) {
      const { stdout, stderr } = await world.run([...args, ...more]);
      const shown = secretsIn({ stdout, stderr });
      if (shown.length > 0) throw new Error(`${name}: ${args.join(" ")} shows ${shown}`);
    }
  }
}

/** Whether a run ended well, or with the refusal it had to end with. */
export function isAsWanted({ code, stdout }: Run, refusal: string | undefined): boolean {
  return refusal === undefined ? code === 0 : code === 1 && JSON.parse(stdout).error.code === refusal;
}

function demand(run: Run, refusal?: string): void {
  if (!isAsWanted(run, refusal)) throw new Error(`it ended with ${run.code}:\n${run.stdout}${run.stderr}`);
}

function numbered(calls: readonly { readonly service: string; readonly operation: string }[]): RecordedCall[] {
  const counts = new Map<string, number>();
  return calls.map(({ service, operation }) => {
    const key = `${service} ${operation}`;
    const nth = (counts.get(key) ?? 0) + 1;
    counts.set(key, nth);
    return { service, operation, nth };
  });
}
