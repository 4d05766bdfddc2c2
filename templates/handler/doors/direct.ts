import type { Exchange } from "./exchange.ts";

/**
 * An invocation through the Lambda API: the event is the bare body of `POST /inference`, and the bare body of the answer
 * goes back, an error's too. Nobody in front gives up early.
 */
export function directExchange(event: unknown): Exchange {
  return { route: "POST /inference", callerWaitsMs: Number.POSITIVE_INFINITY, readBody: () => event };
}
