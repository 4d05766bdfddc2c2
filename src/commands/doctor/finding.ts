import type { GatewayError } from "../../errors.ts";

/** What one look has found. */
export interface Finding {
  readonly name: string;
  /** unknown: it could not be looked at, and may be well. */
  readonly status: "ok" | "broken" | "unknown";
  readonly message: string;
  /** What to do about it, in one or two sentences. */
  readonly cure?: string;
}

export function ok(name: string, message: string): Finding {
  return { name, status: "ok", message };
}

export function unknown(name: string, message: string, cure?: string): Finding {
  return { name, status: "unknown", message, ...(cure === undefined ? {} : { cure }) };
}

export function broken(name: string, { message, hint }: Pick<GatewayError, "message" | "hint">): Finding {
  return { name, status: "broken", message, ...(hint === undefined ? {} : { cure: hint }) };
}
