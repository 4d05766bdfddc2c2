// What a field has to be, in our own words. Fields with a pattern say so themselves, in schema.ts.
import type * as z from "zod/mini";

const TYPES: Readonly<Record<string, string>> = {
  string: "text in double quotes",
  number: "a number",
  int: "a whole number",
  boolean: "true or false",
  array: "a list: [...]",
  object: "an object: {...}",
  record: "an object: {...}",
};

const UNITS: Readonly<Record<string, string>> = { string: " characters", array: " entries" };

/** For zod, which asks for each thing that is wrong; undefined leaves it to the schema. */
export function issueText(issue: z.core.$ZodRawIssue): string | undefined {
  const unit = "origin" in issue ? (UNITS[String(issue.origin)] ?? "") : "";
  switch (issue.code) {
    case "invalid_type":
      return `has to be ${TYPES[issue.expected] ?? issue.expected}`;
    case "too_small":
      if (unit !== "" && issue.minimum === 1) return "may not be empty";
      return `has to be ${issue.inclusive === false ? "above" : "at least"} ${issue.minimum}${unit}`;
    case "too_big":
      return `has to be ${issue.inclusive === false ? "below" : "at most"} ${issue.maximum}${unit}`;
    case "invalid_value":
      return `has to be one of ${issue.values.map(String).join(", ")}`;
    default:
      return undefined;
  }
}
