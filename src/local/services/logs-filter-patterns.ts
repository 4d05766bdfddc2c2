import * as z from "zod";
import { notImplemented } from "../aws-error.ts";
import { invalidParameter } from "./logs-model.ts";

type Test = (message: string) => boolean;

/**
 * A filter pattern as a test of a message: terms that must all be there, `-term` for those that must not, `?term` where
 * any one is enough, or one comparison of a JSON field. InvalidParameterException for terms with other characters than
 * letters, digits and _ outside quotes; NotImplemented for the rest of the language.
 */
export function compileFilterPattern(pattern: string): Test {
  const text = pattern.trim();
  if (text === "") return () => true;
  if (text.startsWith("{")) return compileJson(text);
  if (/^[[%]/.test(text)) throw notImplemented(`the filter pattern ${pattern}`);
  return compileTerms(text);
}

function compileTerms(text: string): Test {
  const terms = [...text.matchAll(/([-?]?)(?:"((?:[^"\\]|\\.)*)"|(\S+))/g)].map(([, sign = "", quoted, bare = ""]) => {
    const odd = quoted === undefined ? /[^\p{L}\p{N}_]/u.exec(bare)?.[0] : undefined;
    if (odd !== undefined) throw invalidParameter(`Invalid character(s) in term '${odd}'`);
    return { sign, term: quoted?.replace(/\\(.)/g, "$1") ?? bare };
  });
  const signed = (sign: string) => terms.filter((one) => one.sign === sign).map(({ term }) => term);
  const [required, excluded, optional] = [signed(""), signed("-"), signed("?")];
  // AWS ignores one of the two kinds then, and its documentation does not say clearly which.
  if (optional.length > 0 && optional.length < terms.length) throw notImplemented("?term beside other filter terms");
  return (message) =>
    required.every((term) => message.includes(term)) &&
    !excluded.some((term) => message.includes(term)) &&
    (optional.length === 0 || optional.some((term) => message.includes(term)));
}

const COMPARISON =
  /^\{\s*\$((?:\.[\w-]+)+)\s*(=|!=|<=|>=|<|>)\s*(?:"([^"\\*]*)"|(-?\d+(?:\.\d+)?)|([A-Za-z_]\w*))\s*\}$/;
const jsonObject = z.record(z.string(), z.unknown());

function compileJson(text: string): Test {
  const [, path = "", operator = "", quoted, number, word] = COMPARISON.exec(text) ?? [];
  const isText = number === undefined;
  const wanted = quoted ?? word;
  const isKeyword = word !== undefined && /^(true|false|null|is|not|exists)$/i.test(word);
  if (path === "" || isKeyword || (isText && !["=", "!="].includes(operator))) {
    throw notImplemented(`the filter pattern ${text}`);
  }
  const names = path.slice(1).split(".");
  return (message) => {
    const value = fieldOf(message, names);
    if (isText) return typeof value === "string" && (value === wanted) === (operator === "=");
    return typeof value === "number" && compares(value, operator, Number(number));
  };
}

function fieldOf(message: string, names: readonly string[]): unknown {
  let value: unknown;
  try {
    value = JSON.parse(message);
  } catch {
    return undefined;
  }
  for (const name of names) {
    const parent = jsonObject.safeParse(value);
    value = parent.success ? parent.data[name] : undefined;
  }
  return value;
}

function compares(value: number, operator: string, wanted: number): boolean {
  switch (operator) {
    case "=":
      return value === wanted;
    case "!=":
      return value !== wanted;
    case "<":
      return value < wanted;
    case "<=":
      return value <= wanted;
    case ">":
      return value > wanted;
    default:
      return value >= wanted;
  }
}
