import * as z from "zod";

type Issue = z.core.$ZodIssue;

/** The message of AWS's own request validation [aws 4.3], from the findings of a schema. */
export function validationMessage(issues: readonly Issue[], input: unknown): string {
  const findings = issues.map((issue) => {
    const value = valueAt(input, issue.path);
    const shown = value === undefined ? "null" : typeof value === "string" ? value : JSON.stringify(value);
    const member = issue.path.map((part) => lowerFirst(String(part))).join(".");
    return `Value '${shown}' at '${member}' failed to satisfy constraint: ${constraint(issue, value)}`;
  });
  return `${findings.length} validation error${findings.length > 1 ? "s" : ""} detected: ${findings.join("; ")}`;
}

function constraint(issue: Issue, value: unknown): string {
  if (value === undefined) return "Member must not be null";
  switch (issue.code) {
    case "too_big":
      return `Member must have ${measure(issue)} less than or equal to ${issue.maximum}`;
    case "too_small":
      return `Member must have ${measure(issue)} greater than or equal to ${issue.minimum}`;
    case "invalid_format":
      return `Member must satisfy regular expression pattern: ${(issue.pattern ?? issue.format).replace(/^\/\^(.*)\$\/u?$/s, "$1")}`;
    case "invalid_value":
      return `Member must satisfy enum value set: [${issue.values.join(", ")}]`;
    default:
      return issue.message;
  }
}

/** Numbers of the query protocol and of query strings are texts when they arrive. */
function measure({ origin }: { readonly origin: string }): string {
  return origin === "number" ? "value" : "length";
}

/** Why a value could not be read at all, before its rules are looked at; undefined: it could. */
export function wrongType(issues: readonly Issue[], input: unknown): string | undefined {
  const issue = issues.find(
    ({ code, path }) => (code === "invalid_type" || code === "invalid_union") && valueAt(input, path) !== undefined,
  );
  return issue && `The member ${issue.path.map(String).join(".")} has the wrong type.`;
}

function valueAt(input: unknown, path: readonly PropertyKey[]): unknown {
  let value = input;
  for (const part of path) {
    if (typeof value !== "object" || value === null) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}

function lowerFirst(text: string): string {
  return text.slice(0, 1).toLowerCase() + text.slice(1);
}

/** An integer written as text: how the query protocol and query strings carry numbers. */
export function textInteger(minimum: number, maximum: number) {
  return z
    .string()
    .regex(/^-?\d{1,15}$/)
    .transform(Number)
    .pipe(z.number().min(minimum).max(maximum));
}

/** A repeatable query parameter: one value arrives as text, several as a list. */
export const textList = z.union([z.string().transform((text) => [text]), z.array(z.string())]);

/** A tag map. Keys starting with `aws:` are AWS's own and are refused by the handlers [aws 1, rule 6]. */
export const tagMap = z.record(z.string().min(1).max(128), z.string().max(256));

/** The tags merged; undefined when there would be more than 50 or one is reserved. */
export function mergeTags(
  tags: ReadonlyMap<string, string>,
  more: Iterable<readonly [string, string]>,
): Map<string, string> | undefined {
  const merged = new Map(tags);
  for (const [key, value] of more) {
    if (key.toLowerCase().startsWith("aws:")) return undefined;
    merged.set(key, value);
  }
  return merged.size > 50 ? undefined : merged;
}
