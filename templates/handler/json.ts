/** True for what JSON calls an object: neither null nor an array. */
export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Levels of objects and lists in one another that a request may have: what handles them recurses. */
export const NESTING_LIMIT = 100;

/** Whether a value out of JSON has more than `levels` objects and lists in one another. */
export function isNestedDeeper(value: unknown, levels = NESTING_LIMIT): boolean {
  if (typeof value !== "object" || value === null) return false;
  return levels === 0 || Object.values(value).some((inner) => isNestedDeeper(inner, levels - 1));
}

/** The value of a JSON text; undefined when it is none. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
