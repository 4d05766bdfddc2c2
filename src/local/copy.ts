/**
 * A copy of maps, sets, lists and plain objects, however deep, that shares nothing with the original but what never
 * changes: bytes and dates. What was one object in two places is one object in two places of the copy.
 */
export function copyOf<T>(value: T): T {
  // The same type is made again, which the compiler cannot follow.
  return copyAny(value, new Map()) as T;
}

function copyAny(value: unknown, done: Map<unknown, unknown>): unknown {
  if (typeof value !== "object" || value === null || value instanceof Uint8Array || value instanceof Date) return value;
  const known = done.get(value);
  if (known !== undefined) return known;
  if (value instanceof Map) {
    const copy = new Map<unknown, unknown>();
    done.set(value, copy);
    for (const [key, item] of value) copy.set(key, copyAny(item, done));
    return copy;
  }
  if (value instanceof Set) {
    const copy = new Set(value);
    done.set(value, copy);
    return copy;
  }
  if (Array.isArray(value)) {
    const list: unknown[] = [];
    done.set(value, list);
    for (const item of value) list.push(copyAny(item, done));
    return list;
  }
  const object: Record<string, unknown> = {};
  done.set(value, object);
  for (const [key, item] of Object.entries(value)) object[key] = copyAny(item, done);
  return object;
}
