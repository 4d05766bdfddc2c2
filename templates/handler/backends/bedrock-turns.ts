import type { Message as BedrockMessage, ContentBlock, ImageFormat } from "@aws-sdk/client-bedrock-runtime";
import { badRequest } from "../errors.ts";
import { isNestedDeeper, NESTING_LIMIT, parseJson } from "../json.ts";
import type { ImagePart, Message, ToolCall } from "../request/chat-request.ts";
import { isDocument } from "./document.ts";

type TurnMessage = Exclude<Message, { role: "system" }>;

/**
 * A conversation as Converse wants it: turns of user and assistant by turns, none of them empty, and the results of tools as
 * the user's. Without `hasTools` Converse refuses the blocks of earlier tool calls and results, so they are told in words.
 * Throws an `ApiError` (400) naming what Converse cannot take.
 */
export function toTurns(messages: readonly Message[], hasTools: boolean): BedrockMessage[] {
  const turns: { readonly role: "user" | "assistant"; readonly content: ContentBlock[] }[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = toBlocks(hasTools ? message : inWords(message), `messages[${index}]`);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else if (content.length > 0) turns.push({ role, content });
  }
  return turns;
}

function inWords(message: TurnMessage): TurnMessage {
  switch (message.role) {
    case "user":
      return message;
    case "assistant": {
      const calls = message.toolCalls.map(({ id, name, arguments: json }) => `[call ${id}: ${name}(${json})]`);
      const texts = [message.text, ...calls].filter((text) => text !== "");
      return { role: "assistant", text: texts.join("\n"), toolCalls: [] };
    }
    case "tool": {
      const text = `[result of call ${message.toolCallId}: ${message.text}]`;
      return { role: "user", content: [{ type: "text", text }] };
    }
  }
}

function toBlocks(message: TurnMessage, path: string): ContentBlock[] {
  switch (message.role) {
    case "user":
      return message.content.flatMap((part, index): ContentBlock[] =>
        part.type === "text" ? textBlock(part.text) : [{ image: toImage(part, `${path}.content[${index}]`) }],
      );
    case "assistant":
      return [
        ...textBlock(message.text),
        ...message.toolCalls.map((call, index) => ({ toolUse: toToolUse(call, `${path}.tool_calls[${index}]`) })),
      ];
    case "tool":
      return [{ toolResult: { toolUseId: message.toolCallId, content: [{ text: message.text }] } }];
  }
}

/** The block of a text; none for a blank one, which Converse refuses in a message and in the system's prompts. */
export function textBlock(text: string): { text: string }[] {
  return text.trim() === "" ? [] : [{ text }];
}

const formats: Readonly<Record<string, ImageFormat>> = {
  "image/png": "png",
  "image/jpeg": "jpeg",
  "image/jpg": "jpeg",
  "image/gif": "gif",
  "image/webp": "webp",
};

/** Bedrock fetches no images, and the gateway does not either: it would fetch whatever a caller names. */
function toImage({ url }: ImagePart, path: string) {
  const param = `${path}.image_url.url`;
  const [, mediaType = "", data] = /^data:([^;,]+);base64,([A-Za-z0-9+/=\s]+)$/i.exec(url) ?? [];
  const format = formats[mediaType.toLowerCase()];
  if (data !== undefined && format !== undefined) return { format, source: { bytes: Buffer.from(data, "base64") } };
  const message = `"${param}" must be a data: URL with a PNG, JPEG, GIF or WebP in base64 for this model.`;
  throw badRequest("unsupported_field", message, { param, recovery: "next" });
}

function toToolUse({ id, name, arguments: json }: ToolCall, path: string) {
  const input = json === "" ? {} : parseJson(json);
  if (isDocument(input) && !isNestedDeeper(input)) return { toolUseId: id, name, input };
  const param = `${path}.function.arguments`;
  const message = `"${param}" must be a JSON object, nested at most ${NESTING_LIMIT} levels deep.`;
  throw badRequest("invalid_value", message, { param });
}
