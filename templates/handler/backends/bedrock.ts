import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseStreamCommand,
} from "@aws-sdk/client-bedrock-runtime";
import { ApiError, badRequest, rateLimited, timedOut, upstreamFailed } from "../errors.ts";
import type { ModelEntry } from "../models.ts";
import type { ChatRequest } from "../request/chat-request.ts";
import { waitOf } from "../retry-after.ts";
import type { Backend, BackendEvent } from "./backend.ts";
import { ConverseReader } from "./bedrock-events.ts";
import { converseInput } from "./bedrock-request.ts";
import { entryField } from "./entry-field.ts";
import { sdkFetch } from "./sdk-fetch.ts";
import { brokenOff, unreachable } from "./unreachable.ts";

/** A Bedrock model or inference profile: `{ backend: "bedrock", model }`. Region and credentials are the function's own. */
export function connect(entry: ModelEntry): Backend {
  const modelId = entryField(entry, "model");
  // The SDK prints a notice on Node 20 when a client is made; here it would only be noise in the logs.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  // The core tries again itself: it knows the deadline, and counts.
  const client = new BedrockRuntimeClient({ requestHandler: sdkFetch, maxAttempts: 1 });

  async function* stream(request: ChatRequest, signal: AbortSignal): AsyncGenerator<BackendEvent> {
    const command = new ConverseStreamCommand(converseInput(request, modelId));
    const reader = new ConverseReader();
    try {
      const { stream, $metadata } = await client.send(command, { abortSignal: signal });
      if ($metadata.requestId !== undefined) yield { type: "upstream", requestId: $metadata.requestId };
      for await (const event of stream ?? []) yield* reader.read(event);
    } catch (error) {
      throw error instanceof ApiError ? error : toApiError(error);
    }
    if (!reader.isFinished) throw brokenOff();
  }
  return { stream };
}

/**
 * What a ValidationException says when the model of the configuration is at fault: an id that the Region does not have, one
 * that only an inference profile or provisioned throughput serves, one that does not converse or stream, or an account that
 * Bedrock does not serve. Its text has the ARN of the model, and so the account.
 */
const MODEL_UNUSABLE =
  /model identifier is invalid|on-demand throughput|doesn.t support the model|unsupported for streaming|^Operation not allowed/i;

/**
 * How a ValidationException begins that names what this model cannot do and others can: tools in a stream, one demanded tool
 * [GH:n8n-io/n8n#14206, GH:strands-agents/harness-sdk#1241].
 */
const MODEL_LACKS = /^This model doesn.t support/;

/** Bedrock's exceptions come in place of an answer, or as an event within it. */
function toApiError(error: unknown): ApiError {
  if (!(error instanceof BedrockRuntimeServiceException)) return unreachable(error);
  // One that comes as an event has no metadata, whatever its type says.
  const details = { reason: error.name, upstreamRequestId: error.$metadata?.requestId };
  switch (error.name) {
    case "ValidationException":
      if (MODEL_UNUSABLE.test(error.message)) {
        return upstreamFailed("Bedrock cannot use the model that the gateway is configured with.", details);
      }
      if (MODEL_LACKS.test(error.message)) {
        return badRequest("unsupported_field", error.message, { ...details, recovery: "next" });
      }
      return badRequest("upstream_refused", error.message, details);
    case "ModelTimeoutException":
      return timedOut("The model did not answer in the time Bedrock gives it.", { ...details, recovery: "retry" });
    case "AccessDeniedException":
      // Its message names the role's ARN, which is none of the caller's business.
      return upstreamFailed(
        "Bedrock refused the gateway's role: the model may not be enabled for its account.",
        details,
      );
    case "ThrottlingException":
    case "ServiceQuotaExceededException":
    case "ModelNotReadyException":
      return rateLimited(
        waitOf((name) => error.$response?.headers[name]),
        details,
      );
  }
  const isPassing = error.$fault === "server" || error.name === "ModelStreamErrorException";
  return upstreamFailed(`Bedrock failed (${error.name}).`, { ...details, recovery: isPassing ? "retry" : "next" });
}
