import { randomUUID } from "node:crypto";
import { readdir, rename, rm } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import * as z from "zod/mini";
import type { AnyNode, Identity } from "./aws/kind.ts";
import type { Hints } from "./aws/observe.ts";
import type { Gateway } from "./config.ts";
import { GatewayError } from "./errors.ts";
import { fileTrouble, hasCode, reasonOf } from "./fs-error.ts";
import type { Io } from "./io.ts";
import { createFile, makeFolder, readPlainFile } from "./state-folder.ts";

const VERSION = 1;
/** How often a file is written anew when its folder goes away meanwhile. */
const TRIES = 3;
const STATE_DIRECTORY = ".llm-gw";
const MOVE_AWAY = "It only remembers ids: move it away, and the next run finds everything again by its tags.";

const stateSchema = z.object({
  version: z.literal(VERSION),
  gateway: z.object({
    name: z.string(),
    stage: z.string(),
    region: z.string(),
    account: z.string().check(z.regex(/^\d{12}$/)),
    partition: z.string().check(z.minLength(1)),
  }),
  resources: z.record(
    z.string(),
    z.object({ type: z.string(), status: z.string(), ids: z.record(z.string(), z.string().check(z.minLength(1))) }),
  ),
  updatedAt: z.iso.datetime(),
});
type Content = z.infer<typeof stateSchema>;

/** Which gateway a state file is about. */
type Remembered = Content["gateway"] & Pick<Gateway, "local">;

/** What a run remembers for the next one: ids, never secrets. Losing it costs a listing. */
export interface State {
  /** The account it was written for; undefined when there is no state yet. */
  readonly identity: Identity | undefined;
  readonly hints: Hints;
  /** When something was last recorded on this machine. */
  readonly updatedAt: Date | undefined;
  /** Records a resource that exists; on disk when it returns. */
  record(identity: Identity, node: AnyNode, live: object): Promise<void>;
  /** Forgets whatever is none of these nodes, like a route that is no longer configured; on disk when it returns. */
  retain(identity: Identity, nodes: readonly AnyNode[]): Promise<void>;
  /** Removes the file. */
  clear(): Promise<void>;
}

/** What decides where the state of a gateway is kept. */
type Place = Pick<Gateway, "directory" | "name" | "stage" | "region" | "local">;

/** Where the state of a gateway is kept. */
export function statePath({ directory, name, stage, region, local }: Place): string {
  return join(directory, STATE_DIRECTORY, `${name}-${stage}-${local ? "local" : region}.json`);
}

/**
 * Reads the state of a gateway.
 * @throws GatewayError StateUnreadable, StateCorrupt, StateTooNew or OtherGateway; never takes a file it cannot read for
 *   "nothing deployed"
 */
export async function openState(gateway: Place, io: Pick<Io, "clock">): Promise<State> {
  const path = statePath(gateway);
  const found = await readState(path);
  if (found !== undefined) refuseOtherGateway(path, found, gateway);
  // All regions of the local AWS share one file: it is the last one's.
  const content = found?.gateway.region === gateway.region ? found : undefined;
  const resources: Content["resources"] = { ...content?.resources };
  // Nodes settle in parallel, and their writes must not overtake one another.
  let writing = Promise.resolve();
  const write = ({ account, partition }: Identity): Promise<void> => {
    const { name, stage, region } = gateway;
    const written: Content = {
      version: VERSION,
      gateway: { name, stage, region, account, partition },
      resources: { ...resources },
      updatedAt: new Date(io.clock.now()).toISOString(),
    };
    writing = writing.then(() => writeAtomically(path, `${JSON.stringify(written, undefined, 2)}\n`));
    return writing;
  };

  return {
    identity: content?.gateway,
    hints: new Map(Object.entries(resources).map(([id, { ids }]) => [id, ids])),
    updatedAt: content === undefined ? undefined : new Date(content.updatedAt),
    async record(identity, node, live) {
      const settled = { type: node.kind.type, status: "settled", ids: { ...node.kind.remember(live) } };
      if (isDeepStrictEqual(resources[node.id], settled)) return;
      resources[node.id] = settled;
      await write(identity);
    },
    async retain(identity, nodes) {
      const gone = Object.keys(resources).filter((id) => nodes.every((node) => node.id !== id));
      for (const id of gone) delete resources[id];
      if (gone.length > 0) await write(identity);
    },
    clear: () => rm(path, { force: true }).catch(unwritable(path)),
  };
}

/**
 * The gateways that a folder remembers, those on the local AWS among them. What cannot be read tells nothing, nor does a
 * copy made by hand.
 */
export async function rememberedGateways(directory: string): Promise<Remembered[]> {
  const folder = join(directory, STATE_DIRECTORY);
  const names = await readdir(folder).catch(() => []);
  const found = names.sort().map(async (file): Promise<Remembered[]> => {
    if (!file.endsWith(".json")) return [];
    const gateway = (await readState(join(folder, file)).catch(() => undefined))?.gateway;
    if (gateway === undefined) return [];
    const local = [false, true].find((one) => basename(statePath({ ...gateway, directory, local: one })) === file);
    return local === undefined ? [] : [{ ...gateway, local }];
  });
  return (await Promise.all(found)).flat();
}

async function readState(path: string): Promise<Content | undefined> {
  let text: string;
  try {
    text = await readPlainFile(path);
  } catch (error) {
    if (hasCode(error, "ENOENT")) return undefined;
    throw new GatewayError("StateUnreadable", `the state file ${path} cannot be read: ${reasonOf(error)}`, {
      cause: error,
      hint: `Check that it is a file and that you may read it. ${MOVE_AWAY}`,
    });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (cause) {
    throw new GatewayError("StateCorrupt", `the state file ${path} is damaged`, { hint: MOVE_AWAY, cause });
  }
  const version = z.object({ version: z.number() }).safeParse(value);
  if (version.success && version.data.version > VERSION) {
    throw new GatewayError("StateTooNew", `the state file ${path} was written by a newer llm-gw`, {
      hint: "Update llm-gw: npm install --global llm-gw@latest",
    });
  }
  const parsed = stateSchema.safeParse(value);
  if (!parsed.success) {
    throw new GatewayError("StateCorrupt", `the state file ${path} is damaged`, {
      hint: MOVE_AWAY,
      cause: parsed.error,
    });
  }
  return parsed.data;
}

/** `a` with stage `b-c` and `a-b` with stage `c` have one path, and the same names on AWS. */
function refuseOtherGateway(path: string, { gateway }: Content, { name, stage, region, local }: Place): void {
  if (gateway.name === name && gateway.stage === stage && (local || gateway.region === region)) return;
  const whose = `gateway ${gateway.name}, stage ${gateway.stage}, in ${gateway.region}`;
  throw new GatewayError("OtherGateway", `the state file ${path} is that of ${whose}`, {
    hint: "Choose another --name or --stage; if that gateway is no longer wanted, destroy it or move the file away.",
  });
}

/** Temporary file, fsync, rename: a crash leaves the old file or the new one, never half of one. */
async function writeAtomically(path: string, text: string): Promise<void> {
  for (let n = 1; ; n++) {
    // Of its own name: a hand may have removed the lock, and another process writes too.
    const temporary = `${path}.${randomUUID()}`;
    try {
      await makeFolder(dirname(path));
      await createFile(temporary, text);
      return await rename(temporary, path);
    } catch (cause) {
      await rm(temporary, { force: true }).catch(() => undefined);
      // Somebody deletes the folder while the run goes on: what it knows is as true as before.
      if (n === TRIES || !hasCode(cause, "ENOENT")) unwritable(path)(cause);
    }
  }
}

function unwritable(path: string): (cause: unknown) => never {
  return (cause) => {
    const hint = fileTrouble(cause)?.hint ?? "See to it, then run the command again.";
    throw new GatewayError("StateUnwritable", `the state file ${path} cannot be written: ${reasonOf(cause)}`, {
      cause,
      hint: `${hint} What exists is found by its tags.`,
    });
  };
}
