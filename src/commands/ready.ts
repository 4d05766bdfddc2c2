import { until, type Waiting } from "../aws/retry.ts";
import { GatewayError } from "../errors.ts";
import { type HttpAnswer, send } from "../http.ts";
import type { Io } from "../io.ts";
import { type RouteUrl, takesBody } from "./endpoint.ts";
import { isGatewayForbidden, isGatewayNotFound } from "./invoke-answer.ts";

/** DNS and the edge take seconds for a new API [aws 5.9, 11]. */
const LIMIT_MS = 90_000;
const ANSWER_LIMIT_MS = 35_000;

/** API Gateway gives up on a function after 30 s: such an answer comes from the function's slowness. */
const SLOW_MS = 20_000;
/** A function that fails, or forbids, when it is called with an empty question is not asked more often. */
const FAULTS_ACCEPTED_AFTER = 5;

/**
 * Waits until the endpoint answers for itself. A route with `iam` is asked without a signature: its refusal comes from
 * the stage and does not run the function. An open route can only be asked by calling it, with an empty JSON object.
 * @returns a warning when it answers, but with a fault
 * @throws GatewayError Timeout; InvalidEndpoint for an address no waiting makes valid
 */
export async function whenReady(
  route: RouteUrl,
  io: Pick<Io, "clock" | "signal">,
  waiting: Waiting,
): Promise<string | undefined> {
  if (!URL.canParse(route.url)) {
    throw new GatewayError("InvalidEndpoint", `API Gateway gave the API an address that is no URL: ${route.url}`, {
      hint: "Everything is deployed. Check AWS_ENDPOINT_URL, if it is set, and what answers there.",
    });
  }
  const wait = {
    clock: io.clock,
    signal: io.signal,
    what: `${route.url} to answer`,
    limitMs: LIMIT_MS,
    pauseMs: (n: number) => Math.min(4_000, 250 * 2 ** (n - 1)),
    waiting,
  };
  return until(wait, async (n) => {
    const hasBody = takesBody(route.method);
    const headers = { "content-type": "application/json", "user-agent": "llm-gw readiness" };
    const asked = io.clock.elapsed();
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
    // The stage or the route is not served yet.
    if (answer.status === 404 && isGatewayNotFound(answer.text)) return { notYet: status };
    // API Gateway's own answer to a request without a signature, and for a while to one that needs none.
    const isForbidden = route.auth === "none" && answer.status === 403 && isGatewayForbidden(answer.text);
    if (answer.status < 500 && !isForbidden) return { done: undefined };
    // What has not arrived everywhere and a function that answers so look the same, for a while.
    const isSlow = io.clock.elapsed() - asked > SLOW_MS;
    if (n < FAULTS_ACCEPTED_AFTER && !isSlow) return { notYet: status };
    const next = hasBody ? "try llm-gw invoke --via lambda" : "look into llm-gw logs";
    return { done: `the endpoint answers, but with ${status}: ${next}` };
  });
}
