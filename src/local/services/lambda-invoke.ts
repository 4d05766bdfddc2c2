import * as z from "zod";
import { AwsError, notImplemented } from "../aws-error.ts";
import type { FunctionVersion } from "../function-version.ts";
import type { Account } from "../store/account.ts";
import { EVENT_STREAM } from "../wire/event-stream.ts";
import { RawReply } from "../wire/rest-json.ts";
import type { CallContext } from "../wire/service.ts";
import { asyncEvents } from "./lambda-async.ts";
import { invocationEvents } from "./lambda-event-stream.ts";
import { notFound, operation, type Reference, resolveFunction, target } from "./lambda-model.ts";
import { findQualified, runnable } from "./lambda-qualifiers.ts";
import { pending } from "./lambda-state.ts";

/** Bytes of a payload, by invocation type [aws 4.9]. */
const PAYLOAD_LIMIT = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

/** Members AWS takes as headers and the local AWS does not. */
const NOT_TAKEN = {
  "x-amz-client-context": "ClientContext",
  "x-amz-durable-execution-name": "DurableExecutionName",
  "x-amz-tenant-id": "TenantId",
};

const invocationTypes = z.enum(["RequestResponse", "Event", "DryRun"]);

export const invokeOperations = {
  Invoke: operation(z.strictObject(target), async (account, input, context) => {
    const fn = findInvoked(account, input);
    const { type, tail } = readHeaders(context, invocationTypes);
    const payload = readPayload(context, PAYLOAD_LIMIT[type]);
    const { runtime, requestId } = context;
    if (type === "DryRun") return reply(204, {});
    if (type === "Event") {
      // Looked up again for every attempt: the function may change in the minutes between them.
      const attempt = async () => runtime.invoke(findInvoked(account, input), payload, requestId);
      asyncEvents.take(findQualified(account, input).fn, payload.length, attempt);
      return reply(202, {});
    }
    const { functionError, logTail, payload: answer } = await runtime.invoke(fn, payload, requestId);
    const headers = {
      "content-type": "application/json",
      "x-amz-executed-version": fn.version,
      ...(functionError !== undefined && { "x-amz-function-error": functionError }),
      ...(tail && { "x-amz-log-result": Buffer.from(logTail).toString("base64") }),
    };
    return reply(200, headers, answer);
  }),

  InvokeWithResponseStream: operation(z.strictObject(target), (account, input, context) => {
    const fn = findInvoked(account, input);
    const { type, tail } = readHeaders(context, invocationTypes.exclude(["Event"]));
    const payload = readPayload(context, PAYLOAD_LIMIT.RequestResponse);
    if (type === "DryRun") return reply(204, {});
    const invocation = context.runtime.invokeStreaming(fn, payload, context.requestId);
    const headers = {
      "content-type": EVENT_STREAM,
      "x-amz-executed-version": fn.version,
    };
    return reply(200, headers, invocationEvents(invocation, tail));
  }),
};

function reply(status: number, headers: RawReply["response"]["headers"], body: RawReply["response"]["body"] = "") {
  return new RawReply({ status, headers, body });
}

function findInvoked(account: Account, reference: Reference): FunctionVersion {
  const { name, arn, qualifier = "$LATEST" } = resolveFunction(account, reference);
  // Seen on AWS by localstack: here alone the missing function is named with its qualifier.
  if (!account.functions.has(name)) throw notFound(`Function not found: ${arn}:${qualifier}`);
  const fn = runnable(findQualified(account, reference));
  if (fn === undefined) throw pending();
  return fn;
}

function readHeaders<Type extends string>(context: CallContext, types: z.ZodType<Type>) {
  const { headers } = context.request;
  const refused = Object.entries(NOT_TAKEN).find(([name]) => headers[name] !== undefined);
  if (refused !== undefined) throw notImplemented(`the input member ${refused[1]} of Lambda`);
  const type = types.safeParse(headers["x-amz-invocation-type"] ?? "RequestResponse");
  const log = z.enum(["None", "Tail"]).safeParse(headers["x-amz-log-type"] ?? "None");
  if (!type.success || !log.success) {
    throw new AwsError("InvalidParameterValueException", 400, "Unknown X-Amz-Invocation-Type or X-Amz-Log-Type.");
  }
  return { type: type.data, tail: log.data === "Tail" };
}

function readPayload(context: CallContext, limit: number): Buffer {
  const { body } = context.request;
  if (body.length > limit)
    throw new AwsError(
      "RequestTooLargeException",
      413,
      `Request must be smaller than ${limit} bytes for the InvokeFunction operation`,
    );
  if (body.length === 0) return Buffer.from("{}");
  try {
    JSON.parse(body.toString("utf8"));
  } catch {
    throw new AwsError("InvalidRequestContentException", 400, "Could not parse request body into json.");
  }
  return body;
}
