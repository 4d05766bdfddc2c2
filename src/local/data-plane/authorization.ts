import type { Caller } from "./exchange.ts";
import { type Answer, gatewayMessage } from "./gateway-message.ts";

export type Authorization =
  /** Without a caller everybody may come in. */
  | { readonly allowed: true; readonly caller?: Caller }
  /** `error` is for the access log, never for the client. */
  | { readonly allowed: false; readonly response: Answer; readonly error: string };

export function forbidden(error: string): Authorization {
  return { allowed: false, response: gatewayMessage(403, "Forbidden"), error };
}
