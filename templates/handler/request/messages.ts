import type { Message, Part, TextPart, ToolCall } from "./chat-request.ts";
import type { Fields } from "./fields.ts";

/** Reads the field `messages` of a chat completion request. Throws an `ApiError` (400) naming the field at fault. */
export function readMessages(body: Fields): Message[] {
  const messages = body.each("messages");
  if (messages === undefined || messages.length === 0) throw body.invalid("messages", "a list of at least one message");
  return messages.map(readMessage);
}

function readMessage(message: Fields): Message {
  const role = message.value("role");
  switch (role) {
    // "developer" is OpenAI's newer name for it, which other servers do not know.
    case "system":
    case "developer":
      return { role: "system", text: requiredText(message) };
    case "user":
      return { role, content: requiredContent(message) };
    case "assistant":
      return readAssistant(message);
    case "tool":
      return { role, toolCallId: message.requiredText("tool_call_id"), text: requiredText(message) };
    default:
      throw message.invalid("role", '"system", "developer", "user", "assistant" or "tool"');
  }
}

function readAssistant(message: Fields): Message {
  const toolCalls = message.each("tool_calls")?.map(readToolCall) ?? [];
  if (message.value("content") !== undefined) return { role: "assistant", text: requiredText(message), toolCalls };
  // A model that refuses, or only calls tools, has no content.
  const refusal = message.text("refusal");
  if (refusal === undefined && toolCalls.length === 0) throw message.invalid("content", "a text or a list of parts");
  return { role: "assistant", text: refusal ?? "", toolCalls };
}

function readToolCall(call: Fields): ToolCall {
  if (call.value("type") !== "function") throw call.invalid("type", '"function"');
  const called = call.inner("function");
  return { id: call.requiredText("id"), name: called.requiredText("name"), arguments: called.text("arguments") ?? "" };
}

function requiredText(message: Fields): string {
  return requiredContent(message)
    .map((part, index) => {
      if (part.type === "text") return part.text;
      throw message.invalid(`content[${index}].type`, '"text" in a message of this role');
    })
    .join("");
}

/** A text is a list of one text part. */
function requiredContent(message: Fields): Part[] {
  const content = message.value("content");
  if (typeof content === "string") return [{ type: "text", text: content }];
  if (!Array.isArray(content) || content.length === 0) throw message.invalid("content", "a text or a list of parts");
  return message.each("content")?.map(readPart) ?? [];
}

function readPart(part: Fields): Part {
  switch (part.value("type")) {
    case "text":
      return textPart(part, "text");
    // What a model refused to say is part of what it said.
    case "refusal":
      return textPart(part, "refusal");
    case "image_url": {
      const image = part.inner("image_url");
      return { type: "image", url: image.requiredText("url"), detail: image.text("detail") };
    }
    default:
      throw part.invalid("type", '"text" or "image_url"');
  }
}

function textPart(part: Fields, field: string): TextPart {
  const text = part.text(field);
  if (text === undefined) throw part.invalid(field, "a text");
  return { type: "text", text };
}
