import type { Backend, Environment } from "./backends/backend.ts";
import { connect } from "./backends/registry.ts";
import { timeLeft } from "./deadline.ts";
import { directExchange } from "./doors/direct.ts";
import type { Outcome } from "./doors/exchange.ts";
import { httpExchange, isHttpEvent } from "./doors/http-event.ts";
import { ApiError, errorBody, upstreamFailed } from "./errors.ts";
import { infer } from "./inference.ts";
import type { RequestRecord } from "./log.ts";
import type { ModelEntry, ModelTable } from "./models.ts";

/** Lambda's limit for an answer [aws 4.9], less room for its envelope. */
const ANSWER_LIMIT = 6 * 1024 * 1024 - 4096;

/** What the function lives in. */
export interface World {
  readonly table: ModelTable;
  readonly env: Environment;
  /** Milliseconds on a clock that only goes forward. */
  now(): number;
  log(record: RequestRecord): void;
}

/** The parts in use of the context that Lambda passes beside the event. */
export interface LambdaContext {
  readonly awsRequestId: string;
  getRemainingTimeInMillis(): number;
}

/** The Lambda handler for a world. It never rejects: whatever goes wrong is an answer too. */
export function createGateway(world: World): (event: unknown, context: LambdaContext) => Promise<unknown> {
  const backends = new Map<string, Promise<Backend>>();
  let coldStart = true;

  function backendOf(alias: string, entry: ModelEntry): Promise<Backend> {
    const backend = backends.get(alias) ?? connect(entry, world.env);
    backends.set(alias, backend);
    return backend;
  }

  return async (event, context) => {
    const start = world.now();
    const exchange = isHttpEvent(event) ? httpExchange(event) : directExchange(event);
    const record: RequestRecord = { requestId: context.awsRequestId, route: exchange.route, coldStart };
    coldStart = false;
    let outcome: Outcome;
    try {
      if (exchange.route !== "POST /inference")
        throw new ApiError(404, "unknown_route", "There is only POST /inference.");
      const timeLeftMs = timeLeft(context.getRemainingTimeInMillis(), exchange.callerWaitsMs);
      const body = await infer({ body: exchange.readBody(), table: world.table, backendOf, timeLeftMs, record });
      assertFits(body);
      outcome = { status: 200, headers: {}, body };
    } catch (thrown) {
      const error = thrown instanceof ApiError ? thrown : internalError(thrown);
      outcome = { status: error.status, headers: error.headers, body: errorBody(error) };
      record.error = error.code;
      record.reason = error.reason;
      record.upstreamRequestId ??= error.upstreamRequestId;
    }
    world.log({ ...record, status: outcome.status, milliseconds: Math.round(world.now() - start) });
    return exchange.reply({ ...outcome, headers: { ...outcome.headers, "x-request-id": context.awsRequestId } });
  };
}

/** Lambda fails the whole invocation for a larger answer. It counts the envelope, in which the body is quoted once more. */
function assertFits(body: { readonly output: string }): void {
  const quotedAtMost = 7 * body.output.length;
  if (quotedAtMost < ANSWER_LIMIT) return;
  if (Buffer.byteLength(JSON.stringify(JSON.stringify(body))) <= ANSWER_LIMIT) return;
  throw upstreamFailed("The answer is larger than the 6 MB that Lambda passes on.", { reason: "too large" });
}

/** A fault of ours. Its message may quote the prompt, so only its kind is logged. */
function internalError(thrown: unknown): ApiError {
  const reason = thrown instanceof Error ? thrown.name : typeof thrown;
  return new ApiError(500, "internal_error", "The gateway failed; its log has this request's id.", { reason });
}
