import { InvokeCommand } from "@aws-sdk/client-lambda";
import type { Aws } from "../aws/clients.ts";
import { GatewayError } from "../errors.ts";
import { member } from "../json.ts";
import { functionAnswer } from "./function-answer.ts";
import { type Answer, answer, errorMessage, errorType, LOG_HINT } from "./invoke-answer.ts";
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
 * Calls the function itself, without API Gateway's limit of 30 s.
 * @param payload JSON; the event of a request (httpEvent), or for the built-in function the bare body
 * @throws the signal's reason; GatewayError InvokeFailed when the function fails
 */
export async function invokeFunction(
  aws: Aws,
  { functionName, timeoutSeconds, isBuiltin }: Target,
  payload: string,
  signal: AbortSignal,
): Promise<Answer> {
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
      answer: { requestId, errorType: errorType(failure) },
      hint: output.FunctionError === undefined ? hintFor(failure, longerThan(timeoutSeconds)) : LOG_HINT,
    });
  }
  return functionAnswer(text, requestId);
}
