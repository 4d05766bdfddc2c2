import { encodeJsonEvent } from "../wire/event-stream.ts";
import type { ConverseInput } from "./bedrock-request.ts";

const LABEL = "[echo of the local AWS] ";

/** An answer to a conversation; its text in the pieces in which a model streams it. */
interface Answer {
  readonly pieces: readonly string[];
  readonly stopReason: "end_turn" | "max_tokens" | "stop_sequence";
  /** A word is a token. */
  readonly usage: { readonly inputTokens: number; readonly outputTokens: number; readonly totalTokens: number };
  readonly metrics: { readonly latencyMs: number };
}

/** The text of the last message behind a label that says what this is, as far as the request lets the model speak. */
export function echo({ messages, inferenceConfig = {} }: ConverseInput): Answer {
  const prompt = (messages.at(-1)?.content ?? []).map(textOf).join("");
  const { text, stopReason } = spoken(`${LABEL}${prompt}`, inferenceConfig);
  const [inputTokens, outputTokens] = [words(prompt), words(text)];
  return {
    pieces: [text.slice(0, LABEL.length), text.slice(LABEL.length)].filter((piece) => piece !== ""),
    stopReason,
    usage: { inputTokens, outputTokens, totalTokens: inputTokens + outputTokens },
    metrics: { latencyMs: 0 },
  };
}

/** The events of `ConverseStream` for an answer. */
export function* events({ pieces, stopReason, usage, metrics }: Answer): Generator<Uint8Array> {
  yield encodeJsonEvent("messageStart", { role: "assistant" });
  for (const text of pieces) yield encodeJsonEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text } });
  yield encodeJsonEvent("contentBlockStop", { contentBlockIndex: 0 });
  yield encodeJsonEvent("messageStop", { stopReason });
  yield encodeJsonEvent("metadata", { usage, metrics });
}

/** The text before the first of the stop sequences, and of that as many words as there may be tokens. */
function spoken(
  text: string,
  { maxTokens = Number.POSITIVE_INFINITY, stopSequences = [] }: NonNullable<ConverseInput["inferenceConfig"]>,
): Pick<Answer, "stopReason"> & { readonly text: string } {
  const stops = stopSequences.map((sequence) => text.indexOf(sequence)).filter((at) => at >= 0);
  const said = text.slice(0, Math.min(text.length, ...stops));
  let count = 0;
  for (const { index } of said.matchAll(/\S+/g)) {
    count += 1;
    if (count > maxTokens) return { text: said.slice(0, index).trimEnd(), stopReason: "max_tokens" };
  }
  return { text: said, stopReason: stops.length > 0 ? "stop_sequence" : "end_turn" };
}

function textOf({ text, toolResult }: ConverseInput["messages"][number]["content"][number]): string {
  if (toolResult === undefined) return text ?? "";
  return toolResult.content.map((part) => part.text ?? JSON.stringify(part.json)).join("");
}

function words(text: string): number {
  return text.match(/\S+/g)?.length ?? 0;
}
