import type { ChatRequest, Message, Part, ResponseFormat, Tool, ToolChoice } from "../request/chat-request.ts";

/**
 * The body of a streamed chat completion request in OpenAI's shape, as JSON. `limitField` is what the server calls the
 * limit of the answer's tokens.
 */
export function openaiBody(request: ChatRequest, model: string, limitField: string): string {
  return JSON.stringify({
    model,
    messages: request.messages.map(toMessage),
    [limitField]: request.maxTokens,
    temperature: request.temperature,
    top_p: request.topP,
    stop: request.stop,
    tools: request.tools?.map(toTool),
    tool_choice: toToolChoice(request.toolChoice),
    response_format: toResponseFormat(request.responseFormat),
    ...request.settings,
    stream: true,
    stream_options: { include_usage: true },
  });
}

function toMessage(message: Message): object {
  switch (message.role) {
    case "system":
      return { role: "system", content: message.text };
    case "user":
      return { role: "user", content: toContent(message.content) };
    case "assistant": {
      const calls = message.toolCalls.map(({ id, name, arguments: json }) => ({
        id,
        type: "function",
        function: { name, arguments: json },
      }));
      return calls.length === 0
        ? { role: "assistant", content: message.text }
        : { role: "assistant", content: message.text || null, tool_calls: calls };
    }
    case "tool":
      return { role: "tool", tool_call_id: message.toolCallId, content: message.text };
  }
}

/** Models without images often take nothing but a text. */
function toContent(parts: readonly Part[]): string | object[] {
  const [first, ...rest] = parts;
  if (first?.type === "text" && rest.length === 0) return first.text;
  return parts.map((part) =>
    part.type === "text"
      ? { type: "text", text: part.text }
      : { type: "image_url", image_url: { url: part.url, detail: part.detail } },
  );
}

function toTool(tool: Tool): object {
  return { type: "function", function: tool };
}

function toToolChoice(choice: ToolChoice | undefined): string | object | undefined {
  return typeof choice === "object" ? { type: "function", function: choice } : choice;
}

function toResponseFormat(format: ResponseFormat | undefined): object | undefined {
  if (format?.type !== "json_schema") return format;
  const { type, ...described } = format;
  return { type, json_schema: described };
}
