import { until } from "../aws/retry.ts";
import { type HttpAnswer, send } from "../http.ts";
import type { Io } from "../io.ts";
import type { RouteUrl } from "./endpoint.ts";

/** DNS and the edge take seconds for a new API [aws 5.9, 11]. */
const LIMIT_MS = 90_000;
const ANSWER_LIMIT_MS = 35_000;

/** A function that fails when it is called with an empty question is not asked more often. */
const FAULTS_ACCEPTED_AFTER = 5;

/**
 * Waits until the endpoint answers for itself. A route with `iam` is asked without a signature: its refusal comes from
 * the stage and does not run the function. An open route can only be asked by calling it, with an empty JSON object.
 * @returns a warning when it answers, but with a fault
 * @throws GatewayError Timeout
 */
export async function whenReady(route: RouteUrl, io: Io, waiting: (what: string) => void): Promise<string | undefined> {
  const wait = {
    clock: io.clock,
    signal: io.signal,
    what: `${route.url} to answer`,
    limitMs: LIMIT_MS,
    pauseMs: (n: number) => Math.min(4_000, 250 * 2 ** (n - 1)),
    waiting,
  };
  return until(wait, async (n) => {
    const hasBody = route.method !== "GET" && route.method !== "HEAD";
    const headers = { "content-type": "application/json", "user-agent": "llm-gw readiness" };
    let answer: HttpAnswer;
    try {
      answer = await send(route.method, route.url, headers, hasBody ? "{}" : undefined, {
        limitMs: ANSWER_LIMIT_MS,
        signal: io.signal,
      });
    } catch (error) {
      io.signal.throwIfAborted();
      return { notYet: error instanceof Error ? error.message : String(error) };
    }
    const status = `status ${answer.status}`;
    // The stage or the route is not served yet; a function's own 404 has another body [aws 5.9].
    if (answer.status === 404 && /^\{"message":\s*"Not Found"\}$/.test(answer.text)) return { notYet: status };
    if (answer.status < 500) return { done: undefined };
    // A permission that has not arrived everywhere and a function that fails look the same.
    if (n < FAULTS_ACCEPTED_AFTER) return { notYet: status };
    return { done: `the endpoint answers, but with ${status}: look into the function's logs` };
  });
}
