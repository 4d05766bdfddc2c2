import type * as z from "zod/mini";
import { usageError } from "../errors.ts";
import { member } from "../json.ts";
import { REGION_NAMES } from "./default-models.ts";
import { issueText } from "./issue-text.ts";
import type { ConfigFile } from "./read-file.ts";
import { type Config, configSchema, ROUTE, SECTIONS } from "./schema.ts";
import type { Override } from "./settings.ts";
import { didYouMean, nearest } from "./suggest.ts";

const RUNTIMES = [
  ...["nodejs24.x", "nodejs22.x", "python3.14", "python3.13", "python3.12", "python3.11"],
  ...["ruby3.4", "java21", "dotnet8", "provided.al2023"],
];
const METHODS = ["any", "get", "post", "put", "patch", "delete", "head", "options"];

/**
 * The configuration with its defaults.
 * @param set what did not come from the file, for messages
 * @throws GatewayError with exit code 2 that names the setting, where it came from and the nearest valid value
 */
export function check(raw: object, set: readonly Override[], file: ConfigFile | undefined): Config {
  const result = configSchema.safeParse(raw, { error: issueText });
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  if (issue === undefined) throw usageError("the configuration is not valid");
  throw explain(issue, raw, set, file);
}

function explain(issue: z.core.$ZodIssue, raw: object, set: readonly Override[], file: ConfigFile | undefined): Error {
  const where = issue.path.map(String).join(".");
  const source = set.find(({ path }) => path.join(".") === where || where.startsWith(`${path.join(".")}.`))?.source;
  const unknownKey = issue.code === "unrecognized_keys" ? issue.keys[0] : undefined;
  const place = file?.at(unknownKey === undefined ? issue.path : [...issue.path, unknownKey], unknownKey !== undefined);
  const name = source ?? [place, where].filter(Boolean).join(": ");
  if (issue.code === "unrecognized_keys") {
    const [key = ""] = issue.keys;
    const inside = issue.path.length === 0 ? sectionOf(key) : undefined;
    const hint = inside === undefined ? didYouMean(key, knownKeys(issue.path)) : `Did you mean ${inside}.${key}?`;
    return usageError(`${name}: unknown key "${key}"`, hint);
  }
  const message = issue.code === "invalid_key" ? (issue.issues[0]?.message ?? issue.message) : issue.message;
  // Values that may be secrets.
  const isSecret = issue.path[0] === "secrets" || (issue.path[0] === "function" && issue.path[1] === "environment");
  if (isSecret) return usageError(`${name}: ${message}`);
  const value = issue.path.reduce<unknown>((at, key) => member(at, String(key)), raw);
  const shown = typeof value === "string" || typeof value === "number" ? ` ${JSON.stringify(value)}` : "";
  return usageError(`${name}${shown}: ${message}`, valueHint(issue, where, value));
}

function valueHint(issue: z.core.$ZodIssue, where: string, value: unknown): string | undefined {
  if (issue.code === "invalid_value") {
    if (typeof value === "number") {
      const numbers = issue.values.map(Number);
      const near = numbers.reduce((best, one) => (Math.abs(one - value) < Math.abs(best - value) ? one : best));
      return `The nearest valid value is ${near}.`;
    }
    return didYouMean(String(value), issue.values.map(String));
  }
  if (where === "region") return didYouMean(String(value), REGION_NAMES, "All there are: aws ec2 describe-regions");
  if (where === "function.runtime") return didYouMean(String(value), RUNTIMES);
  if (issue.code !== "invalid_format" || !where.startsWith("routes")) return undefined;
  const [, method = "", path = ""] = /^([A-Za-z]+)\s*\/?(.*)$/.exec(String(value)) ?? [];
  const near = nearest(method, METHODS)?.toUpperCase();
  if (near === undefined) return undefined;
  const route = `${near} /${path}`;
  return `Did you mean "${path !== "" && ROUTE.test(route) ? route : `${near} /...`}"?`;
}

/** The section that has a key which stands beside it. */
function sectionOf(key: string): string | undefined {
  return Object.entries(SECTIONS).find(([, { shape }]) => Object.hasOwn(shape, key))?.[0];
}

function knownKeys(path: readonly PropertyKey[]): string[] {
  const section = Object.entries(SECTIONS).find(([name]) => name === path[0])?.[1] ?? configSchema;
  return Object.keys(section.shape).filter((key) => key !== "$schema");
}
