import type { ContentBlockDeltaEvent, ConverseStreamOutput } from "@aws-sdk/client-bedrock-runtime";
import type { Delta, FinishReason } from "../completion.ts";
import { upstreamFailed } from "../errors.ts";

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

/** The model's answer was none; another one may be. */
const MALFORMED: readonly unknown[] = ["malformed_model_output", "malformed_tool_use"];

/** Reads the events of one ConverseStream. */
export class ConverseReader {
  /** The content blocks that are tool calls, in the order in which they began: Bedrock counts all blocks, we count calls. */
  readonly #calls: { readonly block: number | undefined; hasInput: boolean }[] = [];
  #isFinished = false;

  /** Whether the model has said that its answer is complete. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** The deltas of one event; none for a model's reasoning, and for what has no counterpart. */
  read({
    contentBlockStart,
    contentBlockDelta,
    contentBlockStop,
    messageStop,
    metadata,
  }: ConverseStreamOutput): Delta[] {
    const toolUse = contentBlockStart?.start?.toolUse;
    if (toolUse?.toolUseId !== undefined && toolUse.name !== undefined) {
      const index = this.#calls.push({ block: contentBlockStart?.contentBlockIndex, hasInput: false }) - 1;
      return [{ type: "call", index, id: toolUse.toolUseId, name: toolUse.name }];
    }
    if (contentBlockDelta !== undefined) return this.#delta(contentBlockDelta);
    // A call without arguments has no input at all, and OpenAI's clients parse what there is.
    if (contentBlockStop !== undefined) return this.#input(contentBlockStop.contentBlockIndex, "{}", true);
    if (messageStop !== undefined) {
      if (MALFORMED.includes(messageStop.stopReason)) {
        const message = "The model gave an answer that Bedrock could not read.";
        throw upstreamFailed(message, { reason: messageStop.stopReason, recovery: "retry" });
      }
      this.#isFinished = true;
      return [{ type: "finish", reason: finishReasons.get(messageStop.stopReason) ?? "stop" }];
    }
    const { inputTokens, outputTokens } = metadata?.usage ?? {};
    if (inputTokens === undefined || outputTokens === undefined) return [];
    return [{ type: "usage", usage: { promptTokens: inputTokens, completionTokens: outputTokens } }];
  }

  #delta({ contentBlockIndex, delta }: ContentBlockDeltaEvent): Delta[] {
    if (delta?.text) return [{ type: "text", text: delta.text }];
    return delta?.toolUse?.input ? this.#input(contentBlockIndex, delta.toolUse.input) : [];
  }

  /** A part of a call's arguments; `onlyFirst`: unless it has some already. */
  #input(block: number | undefined, text: string, onlyFirst = false): Delta[] {
    const index = this.#calls.findIndex((call) => call.block === block);
    const call = this.#calls[index];
    if (call === undefined || (onlyFirst && call.hasInput)) return [];
    call.hasInput = true;
    return [{ type: "arguments", index, text }];
  }
}
