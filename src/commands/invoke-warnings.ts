import { member } from "../json.ts";
import { count } from "../text.ts";
import type { Answer } from "./invoke-answer.ts";

/**
 * What a person may not see of an answer that is none the less one: that it ends too early, and that API Gateway would not
 * pass it on.
 * @param limit what sets the most tokens of an answer
 * @param longer what gives an answer more time
 */
export function warningsOf(answer: Answer, limit: string, longer: string): string[] {
  const { refusal } = answer;
  const refused = refusal === undefined ? [] : [`over HTTP, API Gateway answers 500 in place of this: ${refusal}`];
  return [...refused, ...cutWarning(answer, limit, longer)];
}

function cutWarning({ json, isTruncated }: Answer, limit: string, longer: string): string[] {
  if (isTruncated) return [`time ran out, and the answer ends there; for longer answers: ${longer}`];
  if (finishReason(json) !== "length") return [];
  const tokens = member(member(json, "usage"), "completion_tokens");
  const where = typeof tokens === "number" ? ` after ${count(tokens, "token")}` : "";
  return [`the answer was cut off${where}; for a longer one: ${limit}`];
}

/** Of `/inference`, or of OpenAI's chat completions. */
function finishReason(json: unknown): unknown {
  const choices = member(json, "choices");
  return member(json, "finish_reason") ?? (Array.isArray(choices) ? member(choices[0], "finish_reason") : undefined);
}
