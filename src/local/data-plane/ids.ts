import { randomUUID } from "node:crypto";

/** An id as HTTP APIs give them: 16 characters that end with an equals sign. */
export function newRequestId(): string {
  return Buffer.from(randomHex(22), "hex").toString("base64");
}

/** A trace id as AWS's load balancers and gateways give them. */
export function newTraceId(): string {
  return `Root=1-${Math.floor(Date.now() / 1000).toString(16)}-${randomHex(24)}`;
}

/** Up to 24 digits. From a UUID, because Node draws those from a store: small random numbers cost more than all else here. */
function randomHex(digits: number): string {
  return randomUUID().replaceAll("-", "").slice(-digits);
}
