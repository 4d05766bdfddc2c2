// The shape of what deploy, status and destroy report, for --json and for people.
import { isDeepStrictEqual } from "node:util";
import type { Call } from "../aws/clients.ts";
import type { AnyNode, Change, Identity } from "../aws/kind.ts";
import type { Action, Plan } from "../aws/plan.ts";
import type { Gateway } from "../config.ts";
import { member } from "../json.ts";
import type { Paint } from "../text.ts";

export interface ResourceResult {
  readonly id: string;
  readonly type: string;
  readonly name: string;
  readonly arn?: string;
  readonly action: Action;
}

export interface RunResult {
  readonly name: string;
  readonly stage: string;
  readonly region: string;
  readonly account: string;
  readonly endpoint: string | null;
  readonly routes: readonly { readonly routeKey: string; readonly url: string; readonly auth: string }[];
  readonly resources: readonly ResourceResult[];
  readonly summary: Readonly<Record<"created" | "updated" | "replaced" | "adopted" | "deleted" | "unchanged", number>>;
  readonly calls: { readonly total: number; readonly mutating: number };
  readonly durationMs: number;
}

/** One property that differs between the configuration and AWS. */
export interface Drift {
  readonly id: string;
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
}

const SYMBOLS: Readonly<Record<Action, string>> = {
  created: "+",
  updated: "~",
  replaced: "±",
  adopted: "~",
  deleted: "-",
  unchanged: "=",
};

const FORMATS = {
  created: "green",
  updated: "yellow",
  replaced: "magenta",
  adopted: "yellow",
  deleted: "red",
  unchanged: "dim",
} as const satisfies Readonly<Record<Action, string>>;

/** Puts together what a run did. */
export function runResult(
  { name, stage, region }: Gateway,
  { account }: Identity,
  resources: readonly ResourceResult[],
  calls: readonly Call[],
  durationMs: number,
  served: Pick<RunResult, "endpoint" | "routes"> = { endpoint: null, routes: [] },
): RunResult {
  const count = (action: Action) => resources.filter((resource) => resource.action === action).length;
  return {
    name,
    stage,
    region,
    account,
    ...served,
    resources,
    summary: {
      created: count("created"),
      updated: count("updated"),
      replaced: count("replaced"),
      adopted: count("adopted"),
      deleted: count("deleted"),
      unchanged: count("unchanged"),
    },
    calls: { total: calls.length, mutating: calls.filter(({ mutating }) => mutating).length },
    durationMs: Math.round(durationMs),
  };
}

export function resourceResult(node: AnyNode, live: object | undefined, action: Action): ResourceResult {
  const ids = live === undefined ? {} : node.kind.remember(live);
  const arn = "arn" in ids && typeof ids.arn === "string" ? { arn: ids.arn } : {};
  return { id: node.id, type: node.kind.type, name: node.name, ...arn, action };
}

/** A plan as resources with what would be done to them, and as the properties that differ. */
export function planReport({ steps, leftovers }: Plan) {
  const gone = leftovers.map(({ kind, stray }): ResourceResult => {
    return { id: `${kind.type} ${stray.name}`, type: kind.type, name: stray.name, action: "deleted" };
  });
  const resources = [...steps.map(({ node, live, action }) => resourceResult(node, live, action)), ...gone];
  const drift = steps.flatMap(({ node, changes }) =>
    changes.map(({ path, from, to }): Drift => ({ id: node.id, path, from, to })),
  );
  return { resources, drift };
}

/** A line for each resource, and below it one for each property that differs. */
export function planLines({ resources, drift }: ReturnType<typeof planReport>, paint: Paint): string[] {
  return resources.flatMap((resource) => [
    resourceLine(resource, paint),
    ...drift
      .filter(({ id }) => id === resource.id)
      .flatMap(leaves)
      .map(changeLine),
  ]);
}

/** `+ iam.role llm-gw-prod-eu-west-1` */
export function resourceLine(
  { action, type, name }: Pick<ResourceResult, "action" | "type" | "name">,
  paint: Paint,
): string {
  const line = `${paint(FORMATS[action], SYMBOLS[action])} ${type} ${name}`;
  return action === "adopted" ? `${line} (adopted)` : line;
}

/** A change of a document as the changes inside it: one statement of a policy, not the whole policy twice. */
function leaves({ path, from, to }: Change): Change[] {
  if (!isObject(from) || !isObject(to)) return isDeepStrictEqual(from, to) ? [] : [{ path, from, to }];
  const names = [...new Set([...Object.keys(from), ...Object.keys(to)])];
  return names.flatMap((name) => leaves({ path: `${path}.${name}`, from: member(from, name), to: member(to, name) }));
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null;
}

/** `    memory: 512 -> 1024` */
function changeLine({ path, from, to }: Change): string {
  const [before, after] = [show(path, from), show(path, to)];
  return from === undefined ? `    ${path}: ${after}` : `    ${path}: ${before} -> ${after}`;
}

/** `3 created, 9 unchanged` */
export function summaryText(summary: RunResult["summary"]): string {
  const parts = Object.entries(summary).flatMap(([action, n]) => (n > 0 ? [`${n} ${action}`] : []));
  return parts.length > 0 ? parts.join(", ") : "nothing to do";
}

/** `2 to update, 8 unchanged`: the same for what is only planned. */
export function planText(summary: RunResult["summary"]): string {
  const text = summaryText(summary);
  return text.replaceAll(
    /(\d+) (creat|updat|replac|adopt|delet)ed/g,
    (_all, n, verb) => `${n} to ${verb}${verb === "adopt" ? "" : "e"}`,
  );
}

function show(path: string, value: unknown): string {
  if (value === undefined) return "(none)";
  if (typeof value !== "string") return JSON.stringify(value);
  return path === "code" ? shortDigest(value) : value;
}

/** Enough of a digest to tell two apart. */
export function shortDigest(sha256: string): string {
  return sha256.slice(0, 12);
}
