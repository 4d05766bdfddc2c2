import { validateHeaderName, validateHeaderValue } from "node:http";
import * as z from "zod";
import type { HttpResponse } from "../http.ts";

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
  headers: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).nullish(),
  cookies: z.array(z.string()).nullish(),
  // An object here is refused by AWS, too: it takes a string or nothing [GH:aws/aws-lambda-go#373].
  body: z.string().nullish(),
  isBase64Encoded: z.boolean().nullish(),
});

/** Set by the server for the connection it answers on, whatever the function says. */
const LEFT_OUT = new Set(["connection", "content-length", "keep-alive", "transfer-encoding", "upgrade"]);

/**
 * What a function's payload means in format 2.0 [aws 5.9]; undefined: it is malformed. `contentType` is for an answer
 * that names a status and no type.
 */
export function answerOf(payload: Buffer, contentType = "text/plain;charset=UTF-8"): HttpResponse | undefined {
  const text = payload.toString();
  const value = parseJson(text);
  if (typeof value !== "object" || value === null || !("statusCode" in value)) {
    // A bare string is the body itself, without its quotes (observed by aws/aws-lambda-dotnet, LambdaTestTool-v2).
    const body = typeof value === "string" ? value : text;
    return { status: 200, headers: { "content-type": "application/json" }, body };
  }
  return describedAnswer(value, contentType);
}

/** The answer an object with a `statusCode` describes; undefined: it is malformed. */
export function describedAnswer(value: object, contentType: string): HttpResponse | undefined {
  const { data: answer } = proxyAnswer.safeParse(value);
  if (answer === undefined) {
    return undefined;
  }
  const headers = headersOf(answer.headers ?? {}, answer.cookies ?? [], contentType);
  const body = answer.body ?? "";
  return (
    headers && {
      status: answer.statusCode,
      headers,
      body: answer.isBase64Encoded === true ? Buffer.from(body, "base64") : body,
    }
  );
}

function headersOf(
  given: Record<string, string | number | boolean>,
  cookies: readonly string[],
  contentType: string,
): Record<string, string | readonly string[]> | undefined {
  const headers: Record<string, string | readonly string[]> = { "content-type": contentType };
  try {
    for (const [name, value] of Object.entries(given)) {
      validateHeaderName(name);
      validateHeaderValue(name, String(value));
      if (!LEFT_OUT.has(name.toLowerCase())) {
        headers[name.toLowerCase()] = String(value);
      }
    }
    for (const cookie of cookies) {
      validateHeaderValue("set-cookie", cookie);
    }
  } catch {
    return undefined;
  }
  if (cookies.length > 0) {
    headers["set-cookie"] = [headers["set-cookie"] ?? [], cookies].flat();
  }
  return headers;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
