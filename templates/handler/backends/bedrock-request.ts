import type {
  Message as BedrockMessage,
  ContentBlock,
  ConverseStreamCommandInput,
  ImageFormat,
  OutputConfig,
  ToolConfiguration,
} from "@aws-sdk/client-bedrock-runtime";
import type { DocumentType } from "@smithy/types";
import { badRequest, unsupported } from "../errors.ts";
import { isRecord, parseJson } from "../json.ts";
import type { ChatRequest, ImagePart, Message, ToolCall } from "../request/chat-request.ts";

/** A request in the words of Bedrock's Converse. Throws an `ApiError` (400) for a field that Converse has no place for. */
export function converseInput(request: ChatRequest, modelId: string): ConverseStreamCommandInput {
  refuseSettings(request.settings);
  const { maxTokens, temperature, topP, stop } = request;
  const system = request.messages.flatMap((message) => (message.role === "system" ? [{ text: message.text }] : []));
  return {
    modelId,
    messages: toTurns(request.messages),
    ...(system.length > 0 && { system }),
    inferenceConfig: { maxTokens, temperature, topP, stopSequences: stop && [...stop] },
    toolConfig: toToolConfig(request),
    outputConfig: toOutputConfig(request),
  };
}

/** Converse has none of them; several calls at once are what its models make anyhow. */
function refuseSettings({ parallel_tool_calls: isParallel, ...settings }: ChatRequest["settings"]): void {
  const [name] = isParallel === false ? ["parallel_tool_calls"] : Object.keys(settings);
  if (name !== undefined) throw unsupported(name, "bedrock");
}

/** Converse wants turns of user and assistant by turns, and takes the results of tools as the user's. */
function toTurns(messages: readonly Message[]): BedrockMessage[] {
  const turns: { readonly role: "user" | "assistant"; readonly content: ContentBlock[] }[] = [];
  for (const [index, message] of messages.entries()) {
    if (message.role === "system") continue;
    const role = message.role === "assistant" ? "assistant" : "user";
    const content = toBlocks(message, `messages[${index}]`);
    const last = turns.at(-1);
    if (last?.role === role) last.content.push(...content);
    else turns.push({ role, content });
  }
  return turns;
}

function toBlocks(message: Exclude<Message, { role: "system" }>, path: string): ContentBlock[] {
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

/** Bedrock refuses a text block that is blank. */
function textBlock(text: string): ContentBlock[] {
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
  const [, mediaType = "", data] = /^data:([^;,]+);base64,([A-Za-z0-9+/=\s]+)$/.exec(url) ?? [];
  const format = formats[mediaType.toLowerCase()];
  if (data !== undefined && format !== undefined) return { format, source: { bytes: Buffer.from(data, "base64") } };
  const message = `"${param}" must be a data: URL with a PNG, JPEG, GIF or WebP in base64 for this model.`;
  throw badRequest("unsupported_field", message, { param, recovery: "next" });
}

function toToolUse({ id, name, arguments: json }: ToolCall, path: string) {
  const input = json === "" ? {} : parseJson(json);
  if (isDocument(input)) return { toolUseId: id, name, input };
  const param = `${path}.function.arguments`;
  throw badRequest("invalid_value", `"${param}" must be a JSON object.`, { param });
}

/** Without its tools a model calls none. */
function toToolConfig({ tools, toolChoice }: ChatRequest): ToolConfiguration | undefined {
  if (tools === undefined || toolChoice === "none") return undefined;
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      toolSpec: {
        name,
        description,
        inputSchema: { json: isDocument(parameters) ? parameters : { type: "object", properties: {} } },
        strict,
      },
    })),
    toolChoice: toToolChoice(toolChoice),
  };
}

function toToolChoice(choice: ChatRequest["toolChoice"]): ToolConfiguration["toolChoice"] {
  if (typeof choice === "object") return { tool: { name: choice.name } };
  if (choice === "required") return { any: {} };
  return choice === "auto" ? { auto: {} } : undefined;
}

function toOutputConfig({ responseFormat }: ChatRequest): OutputConfig | undefined {
  if (responseFormat === undefined) return undefined;
  if (responseFormat.type === "json_object") throw unsupported("response_format", "bedrock");
  const { name, description, schema = {} } = responseFormat;
  const jsonSchema = { name, description, schema: JSON.stringify(schema) };
  return { textFormat: { type: "json_schema", structure: { jsonSchema } } };
}

/** Every object here has come out of JSON. */
function isDocument(value: unknown): value is { [name: string]: DocumentType } {
  return isRecord(value);
}
