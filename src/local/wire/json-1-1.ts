import { AwsError } from "../aws-error.ts";
import { parseJsonObject } from "./json.ts";
import type { Wire } from "./service.ts";

/** The json-1.1 protocol of CloudWatch Logs: the operation in a header, JSON both ways. */
export function json11Wire(options: { readonly targetPrefix: string }): Wire {
  return {
    read(request) {
      const target = request.headers["x-amz-target"] ?? "";
      if (request.method !== "POST" || !target.startsWith(`${options.targetPrefix}.`)) {
        throw new AwsError("UnknownOperationException", 400, `The header X-Amz-Target names no operation: ${target}`);
      }
      return { operation: target.slice(options.targetPrefix.length + 1), input: parseJsonObject(request.body) };
    },
    answer(_call, output, requestId) {
      return json(200, output ?? {}, requestId);
    },
    fail(error, requestId) {
      return json(error.status, { __type: error.code, message: error.message, ...error.members }, requestId);
    },
  };
}

function json(status: number, body: unknown, requestId: string) {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amzn-requestid": requestId };
  return { status, headers, body: JSON.stringify(body) };
}
