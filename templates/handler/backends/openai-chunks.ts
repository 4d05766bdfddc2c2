import type { Delta, FinishReason, Usage } from "../completion.ts";
import { upstreamFailed } from "../errors.ts";
import { isRecord, parseJson } from "../json.ts";

const finishReasons: readonly FinishReason[] = ["stop", "length", "tool_calls", "content_filter"];

/** Reads the chunks of one streamed chat completion, or a whole one from a server that does not stream. */
export class ChunkReader {
  /** The upstream's own indices and ids of tool calls, in the order in which they began. */
  readonly #calls: { readonly index: unknown; readonly id: string; readonly name: string; hasArguments: boolean }[] =
    [];
  #isFinished = false;

  /** Whether the model has said that its answer is complete. */
  get isFinished(): boolean {
    return this.#isFinished;
  }

  /** The deltas of one chunk. Throws an `ApiError` (502) for what is none, and for an error in place of one. */
  read(json: string): Delta[] {
    const chunk = parseJson(json);
    if (!isRecord(chunk)) throw notACompletion();
    // What goes wrong after the status 200 comes as an event.
    if (chunk.error !== undefined && chunk.error !== null) {
      const message = "The model's upstream failed while it answered.";
      throw upstreamFailed(message, { reason: "error event", recovery: "retry" });
    }
    // The last chunk of some servers has the usage alone, and no list of choices.
    const choices = chunk.choices ?? (isRecord(chunk.usage) ? [] : undefined);
    if (!Array.isArray(choices)) throw notACompletion();
    const choice: unknown = choices[0];
    return [...(isRecord(choice) ? this.#choice(choice) : []), ...usage(chunk.usage)];
  }

  #choice(choice: Readonly<Record<string, unknown>>): Delta[] {
    const part = isRecord(choice.delta) ? choice.delta : isRecord(choice.message) ? choice.message : {};
    const deltas: Delta[] = [];
    if (typeof part.content === "string" && part.content !== "") deltas.push({ type: "text", text: part.content });
    if (typeof part.refusal === "string" && part.refusal !== "") deltas.push({ type: "refusal", text: part.refusal });
    for (const call of Array.isArray(part.tool_calls) ? part.tool_calls : []) deltas.push(...this.#call(call));
    if (typeof choice.finish_reason === "string" && choice.finish_reason !== "") {
      this.#isFinished = true;
      deltas.push(...this.#emptyArguments());
      // Servers have reasons of their own, such as "eos".
      const reason = finishReasons.find((known) => known === choice.finish_reason) ?? "stop";
      deltas.push({ type: "finish", reason: reason === "stop" && this.#calls.length > 0 ? "tool_calls" : reason });
    }
    return deltas;
  }

  /**
   * A call's first piece has its id and name, the others only the index; some servers leave it out, or give all calls one.
   * The arguments are JSON text, which some servers forget to make of them.
   */
  #call(piece: unknown): Delta[] {
    if (!isRecord(piece)) return [];
    const called = isRecord(piece.function) ? piece.function : {};
    const deltas: Delta[] = [];
    let index = this.#calls.findLastIndex(
      ({ index, id, name }) =>
        index === piece.index && (piece.id ? piece.id === id : !called.name || called.name === name),
    );
    if (index === -1) {
      const { name } = called;
      if (typeof name !== "string") throw notACompletion();
      index = this.#calls.length;
      const id = typeof piece.id === "string" && piece.id !== "" ? piece.id : `call_${index}`;
      this.#calls.push({ index: piece.index, id, name, hasArguments: false });
      deltas.push({ type: "call", index, id, name });
    }
    const text = isRecord(called.arguments) ? JSON.stringify(called.arguments) : called.arguments;
    const call = this.#calls[index];
    if (call === undefined || typeof text !== "string" || text === "") return deltas;
    call.hasArguments = true;
    return [...deltas, { type: "arguments", index, text }];
  }

  /** A call without arguments may have none at all, and OpenAI's clients parse what there is. */
  #emptyArguments(): Delta[] {
    return this.#calls.flatMap((call, index): Delta[] => {
      if (call.hasArguments) return [];
      call.hasArguments = true;
      return [{ type: "arguments", index, text: "{}" }];
    });
  }
}

function usage(value: unknown): Delta[] {
  if (!isRecord(value)) return [];
  const counted: Usage = {
    promptTokens: count(value.prompt_tokens),
    completionTokens: count(value.completion_tokens),
  };
  return [{ type: "usage", usage: counted }];
}

function count(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}

function notACompletion() {
  return upstreamFailed("The model's upstream did not answer with a chat completion.", { reason: "not a completion" });
}
