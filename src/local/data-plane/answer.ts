import { validateHeaderName, validateHeaderValue } from "node:http";
import * as z from "zod";
import { parseJson } from "../parse-json.ts";
import type { Answer } from "./gateway-message.ts";

const headerValue = z.union([z.string(), z.number(), z.boolean()]);

const proxyAnswer = z.object({
  statusCode: z
    .union([
      z.int(),
      z
        .string()
        .regex(/^\d{3}$/)
        .transform(Number),
    ])
    .refine((code) => code >= 200 && code <= 599),
  headers: z.record(z.string(), headerValue).nullish(),
  // An object here is refused by AWS, too: it takes a string or nothing [GH:aws/aws-lambda-go#373].
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

const answer1 = proxyAnswer.extend({ multiValueHeaders: z.record(z.string(), z.array(headerValue)).nullish() });
const answer2 = proxyAnswer.extend({ cookies: z.array(z.string()).nullish() });

/** Set by the server for the connection it answers on, whatever the function says. */
const LEFT_OUT = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"]);

const TEXT_TYPE = "text/plain;charset=UTF-8";

/**
 * What a function's payload means in a payload format [aws 5.9]; undefined: it is malformed. `contentType` is for an
 * answer that names a status and no type.
 */
export function answerOf(payload: Buffer, payloadFormat: "1.0" | "2.0", contentType = TEXT_TYPE): Answer | undefined {
  const text = payload.toString();
  const value = parseJson(text);
  if (payloadFormat === "1.0") {
    const { data: answer } = answer1.safeParse(value);
    return answer && response(answer, [...single(answer.headers), ...multiple(answer.multiValueHeaders)], contentType);
  }
  if (typeof value !== "object" || value === null || !("statusCode" in value)) {
    // A bare string is the body itself, without its quotes (observed by aws/aws-lambda-dotnet, LambdaTestTool-v2).
    const body = typeof value === "string" ? value : text;
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  return describedAnswer(value, contentType);
}

/** The answer an object with a `statusCode` describes in format 2.0; undefined: it is malformed. */
export function describedAnswer(value: object, contentType: string): Answer | undefined {
  const { data: answer } = answer2.safeParse(value);
  const cookies = multiple({ "set-cookie": answer?.cookies ?? [] });
  return answer && response(answer, [...single(answer.headers), ...cookies], contentType);
}

type Values = readonly [name: string, values: readonly string[]];
type Value = z.output<typeof headerValue>;

function single(headers: Record<string, Value> | null | undefined): Values[] {
  return Object.entries(headers ?? {}).map(([name, value]) => [name.toLowerCase(), [String(value)]]);
}

function multiple(headers: Record<string, Value[]> | null | undefined): Values[] {
  return Object.entries(headers ?? {}).map(([name, values]) => [name.toLowerCase(), values.map(String)]);
}

/** Values given twice, in single and in multiple headers, are sent once. */
function response(
  answer: z.output<typeof proxyAnswer>,
  given: readonly Values[],
  contentType: string,
): Answer | undefined {
  const headers: Record<string, string | readonly string[]> = { "content-type": contentType };
  const seen = new Map<string, string[]>();
  for (const [name, values] of given) {
    if (!areValid(name, values)) return undefined;
    if (LEFT_OUT.has(name) || values.length === 0) continue;
    const known = seen.get(name) ?? [];
    const all = [...known, ...values.filter((value) => !known.includes(value))];
    seen.set(name, all);
    headers[name] = all.length === 1 ? (all[0] ?? "") : all;
  }
  const body = answer.body ?? "";
  return {
    status: answer.statusCode,
    headers,
    body: answer.isBase64Encoded === true ? Buffer.from(body, "base64") : body,
  };
}

function areValid(name: string, values: readonly string[]): boolean {
  try {
    validateHeaderName(name);
    for (const value of values) validateHeaderValue(name, value);
    return true;
  } catch {
    return false;
  }
}
