// What a function's answer means to API Gateway, in payload format 2.0 [aws 5.9].
import { validateHeaderName, validateHeaderValue } from "node:http";
import { member, parseJson } from "../json.ts";
import { type Answer, answer } from "./invoke-answer.ts";

/**
 * An object with a statusCode is an HTTP answer, anything else a body. One that API Gateway would refuse is read as it is
 * meant, and says why it would be.
 */
export function functionAnswer(text: string, requestId: string | undefined): Answer {
  const json = parseJson(text);
  if (member(json, "statusCode") === undefined) return answer(200, requestId, text);
  const status = statusOf(json) ?? 200;
  const body = member(json, "body") ?? "";
  const encoded = typeof body === "string" ? body : JSON.stringify(body);
  const isBase64 = member(json, "isBase64Encoded") === true;
  const read = answer(status, requestId, isBase64 ? Buffer.from(encoded, "base64").toString("utf8") : encoded);
  return { ...read, refusal: refusalOf(json) };
}

function statusOf(json: unknown): number | undefined {
  const given = member(json, "statusCode");
  const status = typeof given === "string" && /^\d{3}$/.test(given) ? Number(given) : given;
  return typeof status === "number" && Number.isInteger(status) && status >= 200 && status <= 599 ? status : undefined;
}

/** Each member with what it has to be; only the status may not be left out. */
function refusalOf(json: unknown): string | undefined {
  if (statusOf(json) === undefined) return '"statusCode" has to be a number from 200 to 599';
  const rules: readonly (readonly [name: string, what: string, isRight: (value: unknown) => boolean])[] = [
    ["body", "a string, such as JSON as text", isString],
    [
      "headers",
      "an object of strings that are headers",
      (value) => isObject(value) && Object.entries(value).every(isHeader),
    ],
    ["cookies", "a list of strings", (value) => Array.isArray(value) && value.every(isString)],
    ["isBase64Encoded", "true or false", (value) => typeof value === "boolean"],
  ];
  const broken = rules.find(([name, , isRight]) => {
    const value = member(json, name);
    return value !== undefined && value !== null && !isRight(value);
  });
  return broken && `"${broken[0]}" has to be ${broken[1]}`;
}

function isString(value: unknown): boolean {
  return typeof value === "string";
}

function isHeader([name, value]: readonly [string, unknown]): boolean {
  if (!isScalar(value)) return false;
  try {
    validateHeaderName(name);
    validateHeaderValue(name, String(value));
    return true;
  } catch {
    return false;
  }
}

function isScalar(value: unknown): boolean {
  return ["string", "number", "boolean"].includes(typeof value);
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
