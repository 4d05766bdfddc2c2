import type { ConverseStreamCommandInput, OutputConfig, ToolConfiguration } from "@aws-sdk/client-bedrock-runtime";
import { unsupported } from "../errors.ts";
import { isRecord } from "../json.ts";
import type { ChatRequest } from "../request/chat-request.ts";
import { textBlock, toTurns } from "./bedrock-turns.ts";
import { isDocument } from "./document.ts";

/** A request in the words of Bedrock's Converse. Throws an `ApiError` (400) for a field that Converse has no place for. */
export function converseInput(request: ChatRequest, modelId: string): ConverseStreamCommandInput {
  refuseSettings(request.settings);
  const { messages, maxTokens, temperature, topP, stop } = request;
  const system = messages.flatMap((message) => (message.role === "system" ? textBlock(message.text) : []));
  const toolConfig = toToolConfig(request);
  return {
    modelId,
    messages: toTurns(messages, toolConfig !== undefined),
    ...(system.length > 0 && { system }),
    inferenceConfig: { maxTokens, temperature, topP, stopSequences: stop && [...stop] },
    toolConfig,
    outputConfig: toOutputConfig(request),
  };
}

/** Converse has none of them, and does what it would do anyhow where they ask for nothing else. */
function refuseSettings(settings: ChatRequest["settings"]): void {
  const wanted = Object.entries(settings).find(([name, value]) => !isNeutral(name, value));
  if (wanted !== undefined) throw unsupported(wanted[0], "bedrock");
}

/** Whether a setting changes nothing: several tool calls at once are what models make when nobody says otherwise. */
function isNeutral(name: string, value: unknown): boolean {
  switch (name) {
    case "frequency_penalty":
    case "presence_penalty":
      return value === 0;
    case "logit_bias":
      return isRecord(value) && Object.keys(value).length === 0;
    case "parallel_tool_calls":
      return value === true;
    default:
      return false;
  }
}

/** Without its tools a model calls none. */
function toToolConfig({ tools, toolChoice }: ChatRequest): ToolConfiguration | undefined {
  if (tools === undefined || toolChoice === "none") return undefined;
  return {
    tools: tools.map(({ name, description, parameters, strict }) => ({
      toolSpec: {
        name,
        // Converse refuses an empty one.
        description: description || undefined,
        inputSchema: { json: isDocument(parameters) ? parameters : { type: "object", properties: {} } },
        strict,
      },
    })),
    toolChoice: toToolChoice(toolChoice),
  };
}

/** "auto" is what models do when nobody says otherwise, and some refuse the words for it. */
function toToolChoice(choice: ChatRequest["toolChoice"]): ToolConfiguration["toolChoice"] {
  if (typeof choice === "object") return { tool: { name: choice.name } };
  return choice === "required" ? { any: {} } : undefined;
}

function toOutputConfig({ responseFormat }: ChatRequest): OutputConfig | undefined {
  if (responseFormat === undefined) return undefined;
  if (responseFormat.type === "json_object") throw unsupported("response_format", "bedrock");
  const { name, description, schema = {} } = responseFormat;
  const jsonSchema = { name, description, schema: JSON.stringify(schema) };
  return { textFormat: { type: "json_schema", structure: { jsonSchema } } };
}
