import { usageBody } from "../chat-answer.ts";
import type { FinishReason } from "../completion.ts";
import type { Limits } from "../models.ts";
import { bodyFields, type ChatCall, readChatBody } from "../request/chat-body.ts";
import type { Call } from "./route.ts";

/** The body of the answer of `POST /inference`. */
export interface InferenceAnswer {
  readonly id: string;
  /** The alias that answered. */
  readonly model: string;
  readonly output: string;
  readonly finish_reason: FinishReason;
  /** What has cut the output short, when something other than its limit of tokens has. */
  readonly truncated?: "deadline";
  readonly usage: { readonly prompt_tokens: number; readonly completion_tokens: number; readonly total_tokens: number };
}

/** `POST /inference`: a prompt, or messages as in a chat completion, and the text of the answer. */
export async function inference({ readBody, table, generate, requestId }: Call): Promise<InferenceAnswer> {
  const chat = readInferenceBody(readBody(), table.limits);
  const { completion, isTruncated } = await generate(chat);
  const { text, refusal, finishReason, usage } = completion;
  return {
    id: `inference-${requestId}`,
    model: chat.alias,
    output: text || refusal,
    finish_reason: finishReason,
    // A direct invocation has no header to say it.
    ...(isTruncated && { truncated: "deadline" }),
    usage: usageBody(usage),
  };
}

function readInferenceBody(body: unknown, limits: Limits): ChatCall {
  const fields = bodyFields(body);
  if (fields.value("tools") !== undefined) {
    throw fields.invalid("tools", "left out here; POST /v1/chat/completions has them");
  }
  const system = fields.text("system");
  const instructions = system === undefined ? [] : [{ role: "system", content: system }];
  const messages = fields.list("messages");
  if (messages !== undefined) {
    if (fields.value("prompt") !== undefined) throw fields.invalid("prompt", 'left out beside "messages"');
    if (instructions.length > 0) throw fields.invalid("system", 'a message of "messages"');
    return readChatBody(fields, limits);
  }
  const prompt = fields.requiredText("prompt");
  if (prompt.trim() === "") throw fields.invalid("prompt", "a text that is not empty");
  return readChatBody(fields.with("messages", [...instructions, { role: "user", content: prompt }]), limits, "prompt");
}
