import type { Generated, Generation } from "./attempt.ts";
import type { Backend, Environment } from "./backends/backend.ts";
import { connect } from "./backends/registry.ts";
import { timeLeft } from "./deadline.ts";
import type { Exchange, Outcome } from "./doors/exchange.ts";
import { ApiError, answerTooLong, errorBody } from "./errors.ts";
import { generate } from "./generate.ts";
import type { RequestRecord } from "./log.ts";
import { candidatesOf, type ModelEntry, type ModelTable } from "./models.ts";
import type { Call } from "./routes/route.ts";
import { findRoute } from "./routes/routes.ts";
import { createSecrets } from "./secrets.ts";

/** Lambda's limit for an answer [aws 4.9], less room for its envelope. */
const ANSWER_LIMIT = 6 * 1024 * 1024 - 4096;

/** What the function lives in. */
export interface World {
  readonly table: ModelTable;
  readonly env: Environment;
  readonly version: string;
  /** Milliseconds since the epoch. */
  now(): number;
  /** A number from 0 to 1. */
  random(): number;
  log(record: RequestRecord): void;
}

/** The parts in use of the context that Lambda passes beside the event. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** Answers one request. It never rejects: whatever goes wrong is an outcome too. */
export type Gateway = (exchange: Exchange, context: LambdaContext) => Promise<Outcome>;

/** The core behind every door. */
export function createGateway(world: World): Gateway {
  const backendOf = createBackends(world);
  let coldStart = true;

  return async (exchange, context) => {
    const startedAt = world.now();
    const requestId = context.awsRequestId;
    const record: RequestRecord = { requestId, startedAt, coldStart };
    coldStart = false;
    let outcome: Outcome;
    try {
      const route = findRoute(exchange.route);
      record.route = exchange.route;
      const deadline = startedAt + timeLeft(context.getRemainingTimeInMillis(), exchange.callerWaitsMs);
      const call = callOf(world, exchange, record, { backendOf, deadline });
      const body = await route(call);
      if (exchange.send === undefined) assertFits(body);
      outcome = { status: 200, headers: headersOf(record), body };
    } catch (thrown) {
      const error = thrown instanceof ApiError ? thrown : internalError(thrown);
      record.error = error.code;
      record.reason = error.reason;
      record.upstreamRequestId ??= error.upstreamRequestId;
      outcome = errorOutcome(error, headersOf(record));
    }
    world.log({ ...record, status: outcome.status, endedAt: world.now() });
    return outcome;
  };
}

/** Makes the backend of an entry when it is first asked for. */
function createBackends({ env, now }: World): (entry: ModelEntry) => Promise<Backend> {
  const surroundings = { secrets: createSecrets(env, now) };
  const backends = new Map<ModelEntry, Promise<Backend>>();
  return (entry) => {
    const backend = backends.get(entry) ?? connect(entry, surroundings);
    backends.set(entry, backend);
    return backend;
  };
}

/** What a route may do for one request. */
function callOf(
  { table, version, now, random }: World,
  { readBody, send }: Exchange,
  record: RequestRecord,
  { backendOf, deadline }: Pick<Generation, "backendOf" | "deadline">,
): Call {
  return {
    requestId: record.requestId,
    createdAt: record.startedAt,
    version,
    table,
    readBody,
    async generate({ alias, request }, live): Promise<Generated> {
      const candidates = candidatesOf(table, alias);
      record.alias = alias;
      record.maxTokens = request.maxTokens;
      const generated = await generate({ request, backendOf, deadline, now, record, live }, candidates, random);
      const { usage, finishReason } = generated.completion;
      record.promptTokens = usage.promptTokens;
      record.completionTokens = usage.completionTokens;
      record.finishReason = finishReason;
      record.isTruncated = generated.isTruncated;
      return generated;
    },
    send: send && ((events) => send({ status: 200, headers: headersOf(record) }, events)),
  };
}

/** The OpenAI SDKs would try a 5xx again. We have, and every try bills another generation [gateway 1]. */
function errorOutcome(error: ApiError, headers: Outcome["headers"]): Outcome {
  const isFinal = error.status >= 500;
  return {
    status: error.status,
    headers: { ...headers, ...(isFinal && { "x-should-retry": "false" }), ...error.headers },
    body: errorBody(error),
  };
}

function headersOf({ requestId, backend, attempts, isTruncated }: RequestRecord): Record<string, string> {
  return {
    "x-request-id": requestId,
    ...(backend !== undefined && { "x-llm-gw-backend": backend, "x-llm-gw-attempts": String(attempts) }),
    ...(isTruncated && { "x-llm-gw-truncated": "deadline" }),
  };
}

/** Lambda fails the whole invocation for a larger answer. It counts the envelope, in which the body is quoted once more. */
function assertFits(body: object | string): void {
  const text = typeof body === "string" ? body : JSON.stringify(body);
  const bytesAtMost = 3 * text.length;
  if (bytesAtMost < ANSWER_LIMIT || Buffer.byteLength(JSON.stringify(text)) <= ANSWER_LIMIT) return;
  throw answerTooLong();
}

/** A fault of ours. Its message may quote the prompt, so only its kind is logged. */
function internalError(thrown: unknown): ApiError {
  const reason = thrown instanceof Error ? thrown.name : typeof thrown;
  return new ApiError(500, "internal_error", "The gateway failed; its log has this request's id.", { reason });
}
