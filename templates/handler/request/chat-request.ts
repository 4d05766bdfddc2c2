/** What the core asks a backend: a chat completion, after every field was checked. */
export interface ChatRequest {
  readonly messages: readonly Message[];
  readonly maxTokens: number;
  readonly temperature: number | undefined;
  readonly topP: number | undefined;
  readonly stop: readonly string[] | undefined;
  readonly tools: readonly Tool[] | undefined;
  readonly toolChoice: ToolChoice | undefined;
  readonly responseFormat: ResponseFormat | undefined;
  /** Settings that not every provider has, under OpenAI's names; see `SETTINGS` in chat-body.ts. */
  readonly settings: Readonly<Record<string, unknown>>;
}

export type Message =
  | { readonly role: "system"; readonly text: string }
  | { readonly role: "user"; readonly content: readonly Part[] }
  | { readonly role: "assistant"; readonly text: string; readonly toolCalls: readonly ToolCall[] }
  | { readonly role: "tool"; readonly toolCallId: string; readonly text: string };

export type Part = TextPart | ImagePart;

export interface TextPart {
  readonly type: "text";
  readonly text: string;
}

/** `url` is a `data:` URL or one that the provider fetches. */
export interface ImagePart {
  readonly type: "image";
  readonly url: string;
  readonly detail: string | undefined;
}

/** A call the model asks for. `arguments` is JSON text, which a model may get wrong. */
export interface ToolCall {
  readonly id: string;
  readonly name: string;
  readonly arguments: string;
}

/** A function the model may call. `parameters` is a JSON Schema. */
export interface Tool {
  readonly name: string;
  readonly description: string | undefined;
  readonly parameters: Readonly<Record<string, unknown>> | undefined;
  readonly strict: boolean | undefined;
}

export type ToolChoice = "none" | "auto" | "required" | { readonly name: string };

export type ResponseFormat =
  | { readonly type: "json_object" }
  | {
      readonly type: "json_schema";
      readonly name: string;
      readonly description: string | undefined;
      readonly schema: Readonly<Record<string, unknown>> | undefined;
      readonly strict: boolean | undefined;
    };
