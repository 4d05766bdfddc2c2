import { randomUUID } from "node:crypto";
import type { FunctionVersion } from "../function-version.ts";
import type { Breakdown } from "./breakdown.ts";
import { type FunctionRequest, type Outcome, outcomeOf } from "./outcome.ts";
import { type LogTail, RequestLog } from "./request-log.ts";
import type { Answer, Invocation } from "./runtime-api.ts";

interface Options {
  readonly fn: FunctionVersion;
  readonly emit: (line: string) => void;
  /** Its time is up; called once at most. */
  readonly onLate: () => void;
  /** What the process wrote while it loaded the handler, when that is why the request fails. */
  readonly logBefore?: LogTail | undefined;
  /** performance.now(); left out: it starts now. */
  readonly startedAt?: number;
}

interface Facts {
  readonly breakdown: Breakdown | undefined;
  readonly peakMb: number | undefined;
  /** Only for the first request of a process. */
  readonly initMs: number | undefined;
}

/** A request while a process works on it. */
export class RunningRequest {
  /** What the function said; the request is over only when it asks for the next one. */
  answer: Answer | undefined;
  readonly log: RequestLog;
  readonly #request: FunctionRequest;
  readonly #fn: FunctionVersion;
  readonly #startedAt: number;
  readonly #timer: NodeJS.Timeout;

  constructor(request: FunctionRequest, { fn, emit, onLate, logBefore, startedAt = performance.now() }: Options) {
    this.#request = request;
    this.#fn = fn;
    this.#startedAt = startedAt;
    this.log = new RequestLog(request.requestId, fn.version, emit, logBefore);
    this.log.start();
    this.#timer = setTimeout(onLate, fn.timeoutSeconds * 1000);
  }

  get requestId(): string {
    return this.#request.requestId;
  }

  invocation(): Invocation {
    const { requestId, payload, stream } = this.#request;
    const { functionArn, timeoutSeconds } = this.#fn;
    return {
      requestId,
      functionArn,
      traceId: traceId(),
      deadlineMs: Date.now() + timeoutSeconds * 1000,
      payload,
      stream,
    };
  }

  /** Writes the rest of the log and tells whoever waits. An answer given before a breakdown stands. */
  end({ breakdown, peakMb, initMs }: Facts): void {
    clearTimeout(this.#timer);
    const { timeoutSeconds, memoryMb } = this.#fn;
    const status = this.answer === undefined ? breakdown?.status : undefined;
    const durationMs = status === "timeout" ? timeoutSeconds * 1000 : performance.now() - this.#startedAt;
    if (status !== undefined && breakdown?.logLine !== undefined) {
      this.log.add(breakdown.logLine);
    }
    this.log.end({ durationMs, memoryMb, peakMb, initMs, status });
    const outcome = this.answer === undefined ? breakdown?.outcome : outcomeOf(this.answer);
    this.#settle(outcome ?? { payload: Buffer.alloc(0) });
  }

  /** A reader of a stream gets an answer that was not streamed in one piece. */
  #settle(outcome: Outcome): void {
    const { stream, done } = this.#request;
    const logTail = this.log.tail();
    if (stream === undefined || outcome.functionError !== undefined) {
      stream?.end();
      done({ ...outcome, logTail });
    } else {
      if (outcome.payload.length > 0) {
        void stream.push(outcome.payload);
      }
      stream.end();
      done({ payload: Buffer.alloc(0), logTail });
    }
  }
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomHex(24)};Parent=${randomHex(16)};Sampled=0`;
}

/** Up to 32 digits. UUIDs come from a store of random bytes; asking the system each time is ten times as slow. */
function randomHex(digits: number): string {
  return randomUUID().replaceAll("-", "").slice(0, digits);
}
