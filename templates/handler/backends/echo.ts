import { unsupported } from "../errors.ts";
import type { ChatRequest, Message } from "../request/chat-request.ts";
import type { Backend, BackendEvent } from "./backend.ts";

const LABEL = "[echo backend] ";

/**
 * Answers with the text of the last message and says so. Its tokens are words, and it ends after as many as the request
 * allows. What needs a model is refused: tools, stop sequences, response formats and images.
 */
export function connect(): Backend {
  return {
    async *stream(request): AsyncGenerator<BackendEvent> {
      refuseWhatNeedsAModel(request);
      const prompt = textOf(request.messages.at(-1));
      const whole = `${LABEL}${prompt}`;
      const text = firstWords(whole, request.maxTokens);
      yield { type: "text", text: text.slice(0, LABEL.length) };
      if (text.length > LABEL.length) yield { type: "text", text: text.slice(LABEL.length) };
      yield { type: "finish", reason: text === whole ? "stop" : "length" };
      yield { type: "usage", usage: { promptTokens: countWords(prompt), completionTokens: countWords(text) } };
    },
  };
}

function refuseWhatNeedsAModel({ messages, tools, responseFormat, stop }: ChatRequest): void {
  if (tools !== undefined) throw unsupported("tools", "echo");
  if (responseFormat !== undefined) throw unsupported("response_format", "echo");
  if (stop !== undefined) throw unsupported("stop", "echo");
  const hasImage = messages.some((message) => message.role === "user" && message.content.some(isImage));
  if (hasImage) throw unsupported("messages", "echo");
}

function isImage({ type }: { readonly type: string }): boolean {
  return type === "image";
}

function textOf(message: Message | undefined): string {
  if (message?.role !== "user") return message?.text ?? "";
  return message.content.map((part) => (part.type === "text" ? part.text : "")).join("");
}

function firstWords(text: string, limit: number): string {
  let words = 0;
  let end = 0;
  for (const { 0: word, index } of text.matchAll(/\S+/g)) {
    words += 1;
    if (words > limit) return text.slice(0, end);
    end = index + word.length;
  }
  return text;
}

function countWords(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
