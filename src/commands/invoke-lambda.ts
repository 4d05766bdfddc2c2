import { randomUUID } from "node:crypto";
import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Aws } from "../aws/clients.ts";
import type { Gateway } from "../config.ts";
import { GatewayError } from "../errors.ts";
import { member, parseJson } from "../json.ts";
import { mainRoute } from "./endpoint.ts";
import { type Answer, answer, errorMessage, LOG_HINT } from "./invoke-answer.ts";
import { hintFor, longerThan } from "./invoke-hints.ts";

/** The socket has to outlive the function. */
const GRACE_MS = 30_000;

interface Target {
  readonly functionName: string;
  readonly timeoutSeconds: number;
  /** The built-in one or a copy. */
  readonly isBuiltin: boolean;
}

/**
 * Calls the function itself, without API Gateway's limit of 30 s. A user's function gets the event it knows, in API
 * Gateway's payload format 2.0; the built-in one takes the bare body, so that it does not keep to that limit either.
 * @throws the signal's reason; GatewayError InvokeFailed when the function fails
 */
export async function invokeFunction(
  aws: Aws,
  gateway: Gateway,
  { functionName, timeoutSeconds, isBuiltin }: Target,
  body: string,
  signal: AbortSignal,
): Promise<Answer> {
  const payload = isBuiltin ? body : JSON.stringify(httpEvent(gateway, body));
  const client = aws.invoker(timeoutSeconds * 1000 + GRACE_MS);
  const command = new InvokeCommand({ FunctionName: functionName, Payload: Buffer.from(payload) });
  const output = await client.send(command, { abortSignal: signal }).catch((error: unknown) => {
    signal.throwIfAborted();
    throw error;
  });
  const text = Buffer.from(output.Payload ?? []).toString("utf8");
  const requestId = output.$metadata.requestId;
  const failure = answer(500, requestId, text);
  // Without an envelope there is no status: the built-in function then answers {error}.
  if (output.FunctionError !== undefined || (isBuiltin && member(failure.json, "error") !== undefined)) {
    throw new GatewayError("InvokeFailed", `the function failed: ${errorMessage(failure)} (request id ${requestId})`, {
      hint: output.FunctionError === undefined ? hintFor(failure, longerThan(timeoutSeconds)) : LOG_HINT,
    });
  }
  return unwrap(text, requestId);
}

/** Payload format 2.0: an object with a statusCode is an HTTP answer, anything else a body [aws 5.9]. */
function unwrap(text: string, requestId: string | undefined): Answer {
  const json = parseJson(text);
  const status = member(json, "statusCode");
  if (typeof status !== "number") return answer(200, requestId, text);
  const body = member(json, "body");
  const encoded = typeof body === "string" ? body : body === undefined ? "" : JSON.stringify(body);
  const isBase64 = member(json, "isBase64Encoded") === true;
  return answer(status, requestId, isBase64 ? Buffer.from(encoded, "base64").toString("utf8") : encoded);
}

function httpEvent({ routes, stage }: Gateway, body: string) {
  const routeKey = mainRoute(routes) ?? "$default";
  const [method = "POST", path = "/"] = routeKey === "$default" ? [] : routeKey.split(" ", 2);
  const now = new Date();
  const rawPath = `/${stage}${path}`;
  const http = {
    method: method === "ANY" ? "POST" : method,
    path: rawPath,
    protocol: "HTTP/1.1",
    sourceIp: "127.0.0.1",
    userAgent: "llm-gw",
  };
  return {
    version: "2.0",
    routeKey,
    rawPath,
    rawQueryString: "",
    headers: { "content-type": "application/json" },
    requestContext: {
      accountId: "anonymous",
      apiId: "llm-gw-invoke",
      domainName: "llm-gw-invoke",
      domainPrefix: "llm-gw-invoke",
      http,
      requestId: randomUUID(),
      routeKey,
      stage,
      time: now.toISOString(),
      timeEpoch: now.getTime(),
    },
    body,
    isBase64Encoded: false,
  };
}
