import type { Change, Ctx } from "../kind.ts";

export type Tags = Readonly<Record<string, string>>;

/** Tags the user can write: `aws:` ones belong to AWS [aws 1 rule 6]. */
export function writable(tags: Readonly<Record<string, string | undefined>> | undefined): Tags {
  const result: Record<string, string> = {};
  for (const [key, value] of Object.entries(tags ?? {})) {
    if (!key.startsWith("aws:") && value !== undefined) result[key] = value;
  }
  return result;
}

/** IAM's list form as a map. */
export function fromList(list: readonly { Key?: string | undefined; Value?: string | undefined }[] | undefined): Tags {
  return writable(
    Object.fromEntries((list ?? []).flatMap(({ Key, Value }) => (Key === undefined ? [] : [[Key, Value]]))),
  );
}

/** A map in IAM's list form. */
export function toList(tags: Tags): { Key: string; Value: string }[] {
  return Object.entries(tags).map(([Key, Value]) => ({ Key, Value }));
}

/** Whether these tags name this very gateway. */
export function isOwned(ctx: Pick<Ctx, "ownerTags">, tags: Tags): boolean {
  return Object.entries(ctx.ownerTags).every(([key, value]) => tags[key] === value);
}

export function diffTags(want: Tags, live: Tags): Change[] {
  const keys = [...new Set([...Object.keys(want), ...Object.keys(live)])].sort();
  return keys.flatMap((key) =>
    want[key] === live[key] ? [] : [{ path: `tags.${key}`, from: live[key], to: want[key] }],
  );
}

/** What has to be set and removed to get from `live` to `want`; undefined where there is nothing to do. */
export function tagDelta(want: Tags, live: Tags): { set: Tags | undefined; removed: string[] | undefined } {
  const set = Object.fromEntries(Object.entries(want).filter(([key, value]) => live[key] !== value));
  const removed = Object.keys(live).filter((key) => want[key] === undefined);
  return {
    set: Object.keys(set).length > 0 ? set : undefined,
    removed: removed.length > 0 ? removed : undefined,
  };
}
