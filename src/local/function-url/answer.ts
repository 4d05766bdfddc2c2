import { answerOf } from "../data-plane/answer.ts";
import type { HttpResponse } from "../http.ts";

/** What an answer without a type of its own is (unconfirmed where the function named a status). */
const JSON_TYPE = "application/json";

/** What a function's payload means to the caller of its URL; undefined: it is malformed. */
export function bufferedAnswer(payload: Buffer): HttpResponse | undefined {
  // Unlike HTTP APIs, function URLs keep the quotes of a string [AWS Lambda developer guide: urls-invocation].
  if (payload.toString("utf8", 0, 1) === '"') {
    return { status: 200, headers: { "content-type": JSON_TYPE }, body: payload };
  }
  return answerOf(payload, "2.0", JSON_TYPE);
}
