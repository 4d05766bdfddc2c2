import type { Completion, Delta, Usage } from "./completion.ts";

/** What the answers of one request have in common. */
export interface AnswerHead {
  readonly requestId: string;
  /** The alias the caller asked for. */
  readonly alias: string;
  /** Milliseconds since the epoch. */
  readonly createdAt: number;
}

/** OpenAI's count of tokens, which has no way to say that one is not known. */
export function usageBody({ promptTokens = 0, completionTokens = 0 }: Usage) {
  return {
    prompt_tokens: promptTokens,
    completion_tokens: completionTokens,
    total_tokens: promptTokens + completionTokens,
  };
}

/** A chat completion in OpenAI's shape. */
export function chatCompletion(head: AnswerHead, completion: Completion): object {
  const { text, refusal, toolCalls, finishReason, usage } = completion;
  const message = {
    role: "assistant",
    content: text === "" && (toolCalls.length > 0 || refusal !== "") ? null : text,
    refusal: refusal === "" ? null : refusal,
    ...(toolCalls.length > 0 && {
      tool_calls: toolCalls.map(({ id, name, arguments: json }) => ({
        id,
        type: "function",
        function: { name, arguments: json },
      })),
    }),
  };
  return {
    ...common(head, "chat.completion"),
    choices: [{ index: 0, message, logprobs: null, finish_reason: finishReason }],
    usage: usageBody(usage),
  };
}

/** Writes a chat completion as server-sent events in OpenAI's shape, for `stream: true`. */
export class ChatEvents {
  readonly #head: object;
  readonly #includeUsage: boolean;

  constructor(head: AnswerHead, includeUsage: boolean) {
    this.#head = common(head, "chat.completion.chunk");
    this.#includeUsage = includeUsage;
  }

  /** The first event. */
  begin(): string {
    return this.#choice({ role: "assistant", content: "", refusal: null });
  }

  /** The event of a piece of the answer; none for what only its end tells. */
  piece(delta: Delta): string {
    switch (delta.type) {
      case "text":
        return this.#choice({ content: delta.text });
      case "refusal":
        return this.#choice({ refusal: delta.text });
      case "call": {
        const { index, id, name } = delta;
        return this.#choice({ tool_calls: [{ index, id, type: "function", function: { name, arguments: "" } }] });
      }
      case "arguments":
        return this.#choice({ tool_calls: [{ index: delta.index, function: { arguments: delta.text } }] });
      case "finish":
      case "usage":
        return "";
    }
  }

  /** The last events. */
  end({ finishReason, usage }: Completion): string {
    const counted = this.#includeUsage ? this.#chunk({ choices: [], usage: usageBody(usage) }) : "";
    return `${this.#choice({}, finishReason)}${counted}data: [DONE]\n\n`;
  }

  #choice(delta: object, finishReason: string | null = null): string {
    const choices = [{ index: 0, delta, logprobs: null, finish_reason: finishReason }];
    return this.#chunk({ choices, ...(this.#includeUsage && { usage: null }) });
  }

  #chunk(rest: object): string {
    return event({ ...this.#head, ...rest });
  }
}

/** A server-sent event with a JSON value. */
export function event(value: object): string {
  return `data: ${JSON.stringify(value)}\n\n`;
}

function common({ requestId, alias, createdAt }: AnswerHead, kind: string) {
  return { id: `chatcmpl-${requestId}`, object: kind, created: Math.floor(createdAt / 1000), model: alias };
}
