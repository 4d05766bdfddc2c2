import { type GatewayError, usageError } from "../errors.ts";

/**
 * The error for a value of llm-gw.json that its schema alone cannot judge, in the words of those the schema refuses.
 * @param value shown when given: nothing that may hold a secret
 */
export function invalid(
  file: string,
  where: string,
  value: string | undefined,
  message: string,
  hint?: string,
): GatewayError {
  const shown = value === undefined ? "" : ` ${JSON.stringify(value)}`;
  return usageError(`${file}: ${where}${shown}: ${message}`, hint);
}
