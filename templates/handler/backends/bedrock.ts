import {
  BedrockRuntimeClient,
  BedrockRuntimeServiceException,
  ConverseCommand,
  type ConverseCommandOutput,
} from "@aws-sdk/client-bedrock-runtime";
import { ApiError, badRequest, rateLimited, timedOut, upstreamFailed } from "../errors.ts";
import type { ModelEntry } from "../models.ts";
import type { Backend, Completion, CompletionRequest, FinishReason } from "./backend.ts";
import { entryField } from "./entry-field.ts";
import { sdkFetch } from "./sdk-fetch.ts";
import { unreachable } from "./unreachable.ts";

// [gateway 5]
const finishReasons = new Map<string | undefined, FinishReason>([
  ["end_turn", "stop"],
  ["stop_sequence", "stop"],
  ["max_tokens", "length"],
  ["model_context_window_exceeded", "length"],
  ["tool_use", "tool_calls"],
  ["guardrail_intervened", "content_filter"],
  ["content_filtered", "content_filter"],
]);

/** A Bedrock model or inference profile: `{ backend: "bedrock", model }`. Region and credentials are the function's own. */
export function connect(entry: ModelEntry): Backend {
  const modelId = entryField(entry, "model");
  // The SDK prints a notice on Node 20 when a client is made; here it would only be noise in the logs.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";
  const client = new BedrockRuntimeClient({ requestHandler: sdkFetch });

  async function complete({ prompt, maxTokens }: CompletionRequest, signal: AbortSignal): Promise<Completion> {
    const command = new ConverseCommand({
      modelId,
      messages: [{ role: "user", content: [{ text: prompt }] }],
      inferenceConfig: { maxTokens },
    });
    try {
      return toCompletion(await client.send(command, { abortSignal: signal }));
    } catch (error) {
      throw error instanceof ApiError ? error : toApiError(error);
    }
  }
  return { complete };
}

function toCompletion(output: ConverseCommandOutput): Completion {
  const upstreamRequestId = output.$metadata.requestId;
  const content = output.output?.message?.content;
  if (content === undefined) {
    throw upstreamFailed("Bedrock did not answer with a message.", { reason: "not a completion", upstreamRequestId });
  }
  return {
    text: content.map((block) => block.text ?? "").join(""),
    finishReason: finishReasons.get(output.stopReason) ?? "stop",
    usage: { promptTokens: output.usage?.inputTokens ?? 0, completionTokens: output.usage?.outputTokens ?? 0 },
    upstreamRequestId,
  };
}

function toApiError(error: unknown): ApiError {
  if (!(error instanceof BedrockRuntimeServiceException)) return unreachable(error);
  const details = { reason: error.name, upstreamRequestId: error.$metadata.requestId };
  switch (error.name) {
    case "ValidationException":
      return badRequest("upstream_refused", error.message, details);
    case "ModelTimeoutException":
      return timedOut("The model did not answer in the time Bedrock gives it.", details);
    case "AccessDeniedException":
      // Its message names the role's ARN, which is none of the caller's business.
      return upstreamFailed(
        "Bedrock refused the gateway's role: the model may not be enabled for its account.",
        details,
      );
  }
  if (error.name === "ServiceQuotaExceededException" || error.$metadata.httpStatusCode === 429) {
    return rateLimited(error.$response?.headers["retry-after"], details);
  }
  return upstreamFailed(`Bedrock failed (${error.name}).`, details);
}
