import { answerTooLong } from "./errors.ts";
import { isRecord, parseJson } from "./json.ts";
import type { ToolCall } from "./request/chat-request.ts";

export type FinishReason = "stop" | "length" | "tool_calls" | "content_filter";

/** Tokens as the upstream counted them; undefined where it did not say. */
export interface Usage {
  readonly promptTokens: number | undefined;
  readonly completionTokens: number | undefined;
}

/** A piece of an answer, in the order in which the model makes it. */
export type Delta =
  | { readonly type: "text"; readonly text: string }
  /** What the model says instead of an answer that it refuses to give. */
  | { readonly type: "refusal"; readonly text: string }
  /** A tool call begins. Calls are counted from 0. */
  | { readonly type: "call"; readonly index: number; readonly id: string; readonly name: string }
  /** The next part of a call's arguments, which are JSON text. */
  | { readonly type: "arguments"; readonly index: number; readonly text: string }
  | { readonly type: "finish"; readonly reason: FinishReason }
  | { readonly type: "usage"; readonly usage: Usage };

/** A whole answer. */
export interface Completion {
  readonly text: string;
  readonly refusal: string;
  readonly toolCalls: readonly ToolCall[];
  readonly finishReason: FinishReason;
  readonly usage: Usage;
}

/** More text than any door passes on [aws 4.9]. */
const TEXT_LIMIT = 6 * 1024 * 1024;

/** Puts the deltas of one answer together. Throws an `ApiError` (502) for more than 6 MB of them. */
export class Collector {
  #length = 0;
  readonly #texts: string[] = [];
  readonly #refusals: string[] = [];
  readonly #calls = new Map<number, { readonly id: string; readonly name: string; readonly parts: string[] }>();
  #finishReason: FinishReason = "stop";
  #usage: Usage = { promptTokens: undefined, completionTokens: undefined };

  add(delta: Delta): void {
    if ("text" in delta) this.#length += delta.text.length;
    if (this.#length > TEXT_LIMIT) throw answerTooLong();
    switch (delta.type) {
      case "text":
        this.#texts.push(delta.text);
        break;
      case "refusal":
        this.#refusals.push(delta.text);
        break;
      case "call":
        this.#calls.set(delta.index, { id: delta.id, name: delta.name, parts: [] });
        break;
      case "arguments":
        this.#calls.get(delta.index)?.parts.push(delta.text);
        break;
      case "finish":
        this.#finishReason = delta.reason;
        break;
      case "usage":
        this.#usage = delta.usage;
        break;
    }
  }

  completion(): Completion {
    const toolCalls = [...this.#calls.values()].map(({ id, name, parts }) => ({ id, name, arguments: parts.join("") }));
    return {
      text: this.#texts.join(""),
      refusal: this.#refusals.join(""),
      toolCalls,
      finishReason: this.#finishReason,
      usage: this.#usage,
    };
  }

  /** What there is when time runs out, without calls whose arguments are incomplete. undefined: nothing of use yet. */
  partial(): Completion | undefined {
    const soFar = this.completion();
    const toolCalls = soFar.toolCalls.filter((call) => isRecord(parseJson(call.arguments)));
    if (soFar.text === "" && soFar.refusal === "" && toolCalls.length === 0) return undefined;
    return { ...soFar, toolCalls, finishReason: "length" };
  }
}

/** The pieces of a completion that came in one. */
export function deltasOf({ text, refusal, toolCalls, finishReason, usage }: Completion): Delta[] {
  return [
    ...(text === "" ? [] : [{ type: "text", text } as const]),
    ...(refusal === "" ? [] : [{ type: "refusal", text: refusal } as const]),
    ...toolCalls.flatMap(({ id, name, arguments: json }, index): Delta[] => [
      { type: "call", index, id, name },
      { type: "arguments", index, text: json },
    ]),
    { type: "finish", reason: finishReason },
    { type: "usage", usage },
  ];
}
