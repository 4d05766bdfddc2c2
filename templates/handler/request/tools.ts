import type { ResponseFormat, Tool, ToolChoice } from "./chat-request.ts";
import type { Fields } from "./fields.ts";

/** Reads the field `tools`: functions that the model may call. An empty list is none. */
export function readTools(body: Fields): Tool[] | undefined {
  const tools = body.each("tools")?.map((tool) => {
    if (tool.value("type") !== "function") throw tool.invalid("type", '"function"');
    const described = tool.inner("function");
    return {
      name: described.requiredText("name"),
      description: described.text("description"),
      parameters: described.record("parameters"),
      strict: described.flag("strict"),
    };
  });
  return tools?.length === 0 ? undefined : tools;
}

/** Reads the field `tool_choice`. Only among `tools` can one be demanded. */
export function readToolChoice(body: Fields, tools: readonly Tool[] | undefined): ToolChoice | undefined {
  const choice = readChoice(body);
  if (tools !== undefined || choice === undefined || choice === "none" || choice === "auto") return choice;
  throw body.invalid("tool_choice", 'left out without "tools"');
}

function readChoice(body: Fields): ToolChoice | undefined {
  const choice = body.value("tool_choice");
  switch (choice) {
    case undefined:
    case "none":
    case "auto":
    case "required":
      return choice;
  }
  if (typeof choice !== "object") throw body.invalid("tool_choice", '"none", "auto", "required" or a function');
  const named = body.inner("tool_choice");
  if (named.value("type") !== "function") throw named.invalid("type", '"function"');
  return { name: named.inner("function").requiredText("name") };
}

/** Reads the field `response_format`; plain text is what there is without it. */
export function readResponseFormat(body: Fields): ResponseFormat | undefined {
  if (body.value("response_format") === undefined) return undefined;
  const format = body.inner("response_format");
  const type = format.value("type");
  switch (type) {
    case "text":
      return undefined;
    case "json_object":
      return { type };
    case "json_schema": {
      const described = format.inner("json_schema");
      return {
        type,
        name: described.requiredText("name"),
        description: described.text("description"),
        schema: described.record("schema"),
        strict: described.flag("strict"),
      };
    }
    default:
      throw format.invalid("type", '"text", "json_object" or "json_schema"');
  }
}
