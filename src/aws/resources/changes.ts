import { isDeepStrictEqual } from "node:util";
import type { Change } from "../kind.ts";

/** One change for every property of `want` that `live` does not have with the same value. */
export function diffProperties<T extends object>(want: T, live: { readonly [K in keyof T]?: unknown }): Change[] {
  const changes: Change[] = [];
  for (const path in want) {
    if (!isDeepStrictEqual(want[path], live[path])) changes.push({ path, from: live[path], to: want[path] });
  }
  return changes;
}

/** Whether one of `paths`, or something inside one, changed. */
export function touches(changes: readonly Change[], ...paths: readonly string[]): boolean {
  return changes.some(({ path }) => paths.some((wanted) => path === wanted || path.startsWith(`${wanted}.`)));
}
