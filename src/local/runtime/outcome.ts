import type { AnswerStream } from "./answer-stream.ts";
import type { InvokeResult } from "./execution-environment.ts";
import { type Failure, responseTooLarge } from "./failures.ts";
import type { Answer } from "./runtime-api.ts";
import { MAX_RESPONSE_BYTES, MAX_STREAMED_BYTES } from "./runtime-http.ts";

/** A request on its way to a process. */
export interface FunctionRequest {
  readonly payload: Buffer;
  readonly requestId: string;
  /** Takes the answer as it comes; undefined: it is collected. */
  readonly stream: AnswerStream | undefined;
  readonly done: (result: InvokeResult) => void;
}

export type Outcome = Omit<InvokeResult, "logTail">;

export function failed(failure: Failure): Outcome {
  return { payload: Buffer.from(JSON.stringify(failure)), functionError: "Unhandled" };
}

export function outcomeOf({ kind, payload, streamed }: Answer): Outcome {
  if (kind === "too-large") {
    return failed(responseTooLarge(streamed ? MAX_STREAMED_BYTES : MAX_RESPONSE_BYTES));
  }
  return kind === "error" ? { payload, functionError: "Unhandled" } : { payload };
}
