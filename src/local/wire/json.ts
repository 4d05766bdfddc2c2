import { AwsError, notImplemented } from "../aws-error.ts";

/** Members inside each other that no model of AWS comes near; a recursion over them must not end the stack. */
export const MAX_DEPTH = 100;

/**
 * The body as a JSON object; SerializationException, as every JSON service of AWS says, when it is none or nested deeper
 * than anything AWS takes (the limit is unconfirmed).
 */
export function parseJsonObject(body: Buffer): object {
  let value: unknown;
  try {
    value = JSON.parse(body.toString("utf8"));
  } catch {
    throw serialization("The request body is not valid JSON.");
  }
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw serialization("The request body is not a JSON object.");
  }
  checkMembers(value, 1);
  return value;
}

function checkMembers(value: object, depth: number): void {
  if (depth > MAX_DEPTH) throw serialization("The request body is nested too deeply.");
  // The schemas drop this one member without a word.
  if (Object.hasOwn(value, "__proto__")) throw notImplemented("a member with the name __proto__");
  for (const member of Object.values(value)) {
    if (typeof member === "object" && member !== null) checkMembers(member, depth + 1);
  }
}

function serialization(message: string): AwsError {
  return new AwsError("SerializationException", 400, message);
}
