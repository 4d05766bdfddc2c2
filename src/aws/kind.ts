import type { Clock } from "../clock.ts";
import type { Aws } from "./clients.ts";
import type { Waiting } from "./retry.ts";

/** The account a run works in, as STS tells it. */
export interface Identity {
  readonly account: string;
  readonly partition: string;
}

/** What a resource may use while it reads, applies or removes. */
export interface Ctx {
  readonly aws: Aws;
  readonly clock: Clock;
  /** Aborted when the run is interrupted or another node failed. Waits end with it; calls in flight finish. */
  readonly signal: AbortSignal;
  /** The tags that make a resource ours. */
  readonly ownerTags: Readonly<Record<string, string>>;
  /** Tells the user what a wait waits for, and when it is over. */
  readonly waiting: Waiting;
  /** Whether reads have to find things by their own means; a hint then only adds to what they find. */
  readonly search: boolean;
  /** Shares one read among all that ask for it in the same round of reads. */
  once<T>(key: string, read: () => Promise<T>): Promise<T>;
}

/** One property that differs. Values are for the eyes of the user: never put a secret into them. */
export interface Change {
  readonly path: string;
  readonly from?: unknown;
  readonly to?: unknown;
  /** The resource has to be made anew for it. */
  readonly replaces?: boolean;
}

export interface Observed<Live> {
  readonly live: Live;
  /** Whether `live` carries the owner tags of this very gateway, itself or through what contains it. */
  readonly owned: boolean;
  /** Why it can be neither changed nor taken over, and what to do. It can still be removed. */
  readonly refusal?: { readonly message: string; readonly hint: string };
  /** It was found by its id, and AWS's listing does not show it yet: others like it may be missing there too. */
  readonly isUnlisted?: true;
}

/** A type of AWS resource we know how to read, compare, apply and remove. */
export interface Kind<Props, Live extends object, Key> {
  readonly type: string;
  /** Kinds of one lane write one after the other: AWS refuses or loses parallel writes to one parent. */
  readonly lane?: string;
  /** Nothing on AWS keeps a second one from being made: no name, no token [aws 1 rule 2]. */
  readonly isNameless?: true;
  /** Never mutates. `hint` is what `remember` returned in an earlier run; it proves nothing. */
  read(ctx: Ctx, key: Key, hint?: Partial<Live>): Promise<Observed<Live> | undefined>;
  /** Pure. Empty: up to date. */
  diff(want: Props, live: Live): readonly Change[];
  /** Creates when `live` is undefined, else sends exactly the changes. Returns what exists afterwards. */
  apply(ctx: Ctx, want: Props, live: Live | undefined, changes: readonly Change[]): Promise<Live>;
  /** Already gone is success. */
  remove(ctx: Ctx, live: Live): Promise<void>;
  /** Ids for the state file. Never a secret. */
  remember(live: Live): Partial<Live>;
  /** Things of this kind that are ours and that no node wants any more. `wanted` are the keys of all that are wanted. */
  strays?(ctx: Ctx, wanted: readonly Key[]): Promise<readonly Stray<Live>[]>;
}

export interface Stray<Live> {
  readonly name: string;
  readonly live: Live;
}

// Methods are compared bivariantly, so that every node fits AnyNode; the engine hands a kind only what it got from it.
export interface Node<Props, Live extends object, Key, N extends Needs> {
  readonly id: string;
  readonly name: string;
  readonly kind: Kind<Props, Live, Key>;
  readonly needs: N;
  /** The identity to look for; undefined while it depends on a parent that is not known (yet). */
  key(up: PartialUp<N>): Key | undefined;
  props(up: Up<N>): Props;
}

export interface Needs {
  readonly [name: string]: AnyNode;
}
export interface AnyNode extends Node<unknown, object, unknown, Needs> {}

/** What the kind of a node tells about it. */
export type LiveOf<N> = N extends { readonly kind: Kind<infer _Props, infer Live, infer _Key> } ? Live : never;
/** The live values of the needs, by the names the node gave them. */
type Up<N extends Needs> = { readonly [K in keyof N]: LiveOf<N[K]> };
/** The same while planning: a parent may be missing, or known only by the ids in the state file. */
type PartialUp<N extends Needs> = { readonly [K in keyof N]?: Partial<LiveOf<N[K]>> };

/** Types a node from its kind and needs, so that `up.role.bogus` or an unknown need does not compile. */
export function node<Props, Live extends object, Key, const N extends Needs>(
  spec: Node<Props, Live, Key, N>,
): Node<Props, Live, Key, N> {
  return spec;
}
