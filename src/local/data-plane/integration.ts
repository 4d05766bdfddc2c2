import { randomUUID } from "node:crypto";
import { type Invoker, isThrottled } from "../metered-runtime.ts";
import { answerOf } from "./answer.ts";
import type { RouteIntegration } from "./deployed-routes.ts";
import { event1 } from "./event-1.ts";
import { event2 } from "./event-2.ts";
import type { IntegrationOutcome, RoutedExchange } from "./exchange.ts";
import { type Answer, gatewayMessage, internalError } from "./gateway-message.ts";
import { mayCall } from "./gateway-permission.ts";
import { within } from "./within.ts";

/** 6 MB for the event Lambda takes [aws 4.9], 10 MB for the answer of a gateway [aws 5.4]. */
const MAX_EVENT_BYTES = 6 * 1024 * 1024;
const MAX_ANSWER_BYTES = 10 * 1024 * 1024;

// What access logs say [AWS re:Post knowledge center: api-gateway-http-lambda-integrations]; the others are unconfirmed.
const NOT_PERMITTED =
  "The IAM role configured on the integration or API Gateway doesn't have permissions to call the integration. Check the permissions and try again.";
const NO_FUNCTION = "The function of the integration does not exist or is not active.";
const FUNCTION_ERROR =
  "The Lambda function returned the following error: Unhandled. Check your Lambda function code and try again.";
const MALFORMED = "The response from the Lambda function doesn't match the format that API Gateway expects.";
const TIMED_OUT = "The integration timed out.";
const THROTTLED = "The Lambda function was throttled: Rate Exceeded.";
const TOO_LARGE = "The request is larger than Lambda takes, or its answer larger than API Gateway passes on.";

interface Result {
  readonly answer: Answer;
  readonly outcome: IntegrationOutcome;
}

/** Calls the function of the route. Without permission, function or a usable answer it is a plain 500 [aws 5.9]. */
export async function integrate(
  runtime: Invoker,
  exchange: RoutedExchange,
  integration: RouteIntegration,
): Promise<Answer> {
  const startedAt = performance.now();
  const { answer, outcome } = await call(runtime, exchange, integration);
  exchange.integration =
    outcome.requestId === undefined ? outcome : { ...outcome, latencyMs: Math.round(performance.now() - startedAt) };
  return answer;
}

async function call(
  runtime: Invoker,
  exchange: RoutedExchange,
  { functionArn, payloadFormat, timeoutMs }: RouteIntegration,
): Promise<Result> {
  const { account, stage, match, request } = exchange;
  const { routeKey, template } = match.route;
  const fn = account.function(functionArn);
  const tail = template === undefined ? routeKey : `${request.method}${template}`;
  if (fn !== undefined && !mayCall(exchange, fn, `${stage.stageName}/${tail}`)) {
    return failure(NOT_PERMITTED);
  }
  if (fn?.version === undefined) {
    return failure(NO_FUNCTION);
  }
  const event = Buffer.from(JSON.stringify(payloadFormat === "1.0" ? event1(exchange) : event2(exchange)));
  if (event.length > MAX_EVENT_BYTES) {
    // Refused by Lambda, not by the gateway; the status is unconfirmed [aws 5.9].
    return { answer: gatewayMessage(413, "Request Entity Too Large"), outcome: { error: TOO_LARGE } };
  }
  const requestId = randomUUID();
  const called = runtime.invoke(fn.version, event, requestId).then(
    (result): Result =>
      result.functionError === undefined
        ? passedOn(result.payload, payloadFormat, requestId)
        : failure(FUNCTION_ERROR, { requestId, lambdaStatus: 200 }),
    (error: unknown) => (isThrottled(error) ? unavailable(THROTTLED, requestId) : failure(NO_FUNCTION, { requestId })),
  );
  return within(timeoutMs, called, unavailable(TIMED_OUT, requestId));
}

function passedOn(payload: Buffer, payloadFormat: "1.0" | "2.0", requestId: string): Result {
  const answer = answerOf(payload, payloadFormat);
  const outcome = { requestId, lambdaStatus: 200 };
  if (answer === undefined) {
    return failure(MALFORMED, outcome);
  }
  if (Buffer.byteLength(answer.body) > MAX_ANSWER_BYTES) {
    return failure(TOO_LARGE, outcome);
  }
  return { answer, outcome: { ...outcome, status: answer.status } };
}

/** That it is 503 for both, and not 504 or 500, is unconfirmed [aws 5.9]. */
function unavailable(error: string, requestId: string): Result {
  return { answer: gatewayMessage(503, "Service Unavailable"), outcome: { requestId, error } };
}

function failure(error: string, outcome: IntegrationOutcome = {}): Result {
  return { answer: internalError(), outcome: { ...outcome, error } };
}
