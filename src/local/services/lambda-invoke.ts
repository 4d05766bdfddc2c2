import * as z from "zod";
import { AwsError } from "../aws-error.ts";
import { RawReply } from "../wire/rest-json.ts";
import type { CallContext } from "../wire/service.ts";
import { findFunction, operation, target } from "./lambda-model.ts";
import { refuseWhilePending } from "./lambda-state.ts";

/** Bytes of a payload, by invocation type [aws 4.9]. */
const PAYLOAD_LIMIT = { RequestResponse: 6_291_456, Event: 1_048_576, DryRun: 6_291_456 };

const headers = z.object({
  "x-amz-invocation-type": z.enum(["RequestResponse", "Event", "DryRun"]).default("RequestResponse"),
  "x-amz-log-type": z.enum(["None", "Tail"]).default("None"),
});

export const invokeOperations = {
  Invoke: operation(z.strictObject(target), async (account, input, context) => {
    const fn = findFunction(account, input);
    const { type, tail } = readHeaders(context);
    refuseWhilePending(fn);
    const payload = readPayload(context, PAYLOAD_LIMIT[type]);
    if (type === "DryRun") return new RawReply({ status: 204, headers: {}, body: "" });
    if (fn.serving === undefined) throw new AwsError("ServiceException", 500, `${fn.name} serves nothing.`);
    const running = context.runtime.invoke(fn.serving, payload, context.requestId);
    if (type === "Event") {
      // Nobody waits for it; how it ended is in the function's log.
      running.catch(() => undefined);
      return new RawReply({ status: 202, headers: {}, body: "" });
    }
    const result = await running;
    return new RawReply({
      status: 200,
      headers: {
        "content-type": "application/json",
        "x-amz-executed-version": "$LATEST",
        ...(result.functionError !== undefined && { "x-amz-function-error": result.functionError }),
        ...(tail && { "x-amz-log-result": Buffer.from(result.logTail).toString("base64") }),
      },
      body: result.payload,
    });
  }),
};

function readHeaders(context: CallContext) {
  const parsed = headers.safeParse(context.request.headers);
  if (!parsed.success) {
    throw new AwsError("InvalidParameterValueException", 400, "Unknown X-Amz-Invocation-Type or X-Amz-Log-Type.");
  }
  return { type: parsed.data["x-amz-invocation-type"], tail: parsed.data["x-amz-log-type"] === "Tail" };
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
