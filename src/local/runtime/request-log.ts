/** What X-Amz-Log-Type: Tail returns at most, in bytes [aws 4.1]. */
const TAIL_BYTES = 4096;

interface Timing {
  readonly durationMs: number;
  readonly memoryMb: number;
  /** Only for the first request of a process: how long it took to load the handler. */
  readonly initMs: number | undefined;
}

/** The log lines of one request, between START and REPORT as CloudWatch shows them. */
export class RequestLog {
  readonly #requestId: string;
  readonly #version: string;
  readonly #emit: (line: string) => void;
  #tail = "";
  #started = false;

  constructor(requestId: string, version: string, emit: (line: string) => void) {
    this.#requestId = requestId;
    this.#version = version;
    this.#emit = emit;
  }

  add(line: string): void {
    this.#emit(line);
    // In characters, thus a little more than needed; tail() cuts to bytes.
    this.#tail = `${this.#tail}${line}\n`.slice(-TAIL_BYTES);
  }

  start(): void {
    if (!this.#started) {
      this.#started = true;
      this.add(`START RequestId: ${this.#requestId} Version: ${this.#version}`);
    }
  }

  end({ durationMs, memoryMb, initMs }: Timing): void {
    this.start();
    this.add(`END RequestId: ${this.#requestId}`);
    const report = [
      `REPORT RequestId: ${this.#requestId}`,
      `Duration: ${durationMs.toFixed(2)} ms`,
      `Billed Duration: ${Math.ceil(durationMs)} ms`,
      `Memory Size: ${memoryMb} MB`,
    ];
    if (initMs !== undefined) {
      report.push(`Init Duration: ${initMs.toFixed(2)} ms`);
    }
    this.add(report.join("\t"));
  }

  tail(): string {
    const bytes = Buffer.from(this.#tail);
    return bytes.subarray(Math.max(0, bytes.length - TAIL_BYTES)).toString();
  }
}
