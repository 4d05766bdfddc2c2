import { randomBytes } from "node:crypto";
import { setImmediate as turn } from "node:timers/promises";
import type { FunctionVersion } from "../function-version.ts";
import { cannotRun, exited, type Failure, responseTooLarge, timedOut } from "./failures.ts";
import { FunctionProcess, type ProcessEnd } from "./function-process.ts";
import { programOf } from "./program.ts";
import { RequestLog } from "./request-log.ts";
import { type Answer, MAX_RESPONSE_BYTES, RuntimeApi } from "./runtime-api.ts";

export interface InvokeResult {
  readonly payload: Buffer;
  readonly functionError?: "Unhandled";
  /** The last 4 KB of the request's log, as text. */
  readonly logTail: string;
}

interface Options {
  readonly fn: FunctionVersion;
  readonly interpreter: "node" | "python3";
  readonly folder: string;
  readonly nodePath: string;
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
}

/** Lambda gives the handler's module this long to load before the function's own timeout begins to run. */
const INIT_LIMIT_MS = 10_000;

/** One process of a function, its Runtime API and its log stream. It serves one request at a time. */
export class ExecutionEnvironment {
  /** Settles when the process is gone. */
  readonly ended: Promise<ProcessEnd>;
  readonly #options: Options;
  readonly #api: RuntimeApi;
  readonly #process: FunctionProcess;
  readonly #emit: (line: string) => void;
  readonly #startedAt = performance.now();
  #log: RequestLog | undefined;
  #usable = true;
  #warm = false;

  private constructor(options: Options, api: RuntimeApi, address: string) {
    const { fn, folder, nodePath } = options;
    const day = new Date().toISOString().slice(0, 10).replaceAll("-", "/");
    const logStream = `${day}/[${fn.version}]${randomBytes(16).toString("hex")}`;
    this.#options = options;
    this.#api = api;
    this.#emit = (line) => options.onLog(fn, logStream, line);
    const program = programOf(fn, options.interpreter, { folder, nodePath, logStream, runtimeApi: address });
    this.#process = new FunctionProcess(program, (line) => (this.#log ? this.#log.add(line) : this.#emit(line)));
    this.ended = this.#process.ended.then((end) => {
      this.#usable = false;
      this.#api.close();
      return end;
    });
  }

  static async start(options: Options): Promise<ExecutionEnvironment> {
    const api = new RuntimeApi();
    return new ExecutionEnvironment(options, api, await api.listen());
  }

  /** False once the process is ending: it must not be given another request. */
  get usable(): boolean {
    return this.#usable;
  }

  /** Runs one request. Never rejects: whatever goes wrong is a function error. */
  async invoke(payload: Buffer, requestId: string): Promise<InvokeResult> {
    const { fn } = this.#options;
    const log = new RequestLog(requestId, fn.version, this.#emit);
    const cold = !this.#warm;
    this.#log = log;
    const request = new RequestClock(fn.timeoutSeconds * 1000);
    const outcome = await this.#serve(payload, requestId, request, log);
    request.stop();
    // Output written before the answer is already in the pipe; it is read in this turn of the event loop.
    await turn();
    this.#process.flush();
    const startedAt = request.startedAt ?? this.#startedAt;
    const initMs = cold ? startedAt - this.#startedAt : undefined;
    log.end({ durationMs: performance.now() - startedAt, memoryMb: fn.memoryMb, initMs });
    this.#log = undefined;
    this.#warm = true;
    return { ...outcome, logTail: log.tail() };
  }

  /** Kills the process; a request it is working on ends with Runtime.ExitError. */
  async stop(): Promise<void> {
    this.#usable = false;
    this.#process.kill();
    await this.ended;
  }

  async #serve(payload: Buffer, requestId: string, clock: RequestClock, log: RequestLog): Promise<Outcome> {
    const { fn } = this.#options;
    let answered: Outcome | undefined;
    const served = async (): Promise<Outcome> => {
      await this.#api.polled();
      clock.start();
      log.start();
      const deadlineMs = Date.now() + fn.timeoutSeconds * 1000;
      const { functionArn } = fn;
      const invocation = { requestId, functionArn, traceId: traceId(), deadlineMs, payload };
      const outcome = outcomeOf(await this.#api.send(invocation));
      answered = outcome;
      // As on AWS a request is over when the runtime asks for the next one; only then is the process free.
      await this.#api.polled();
      return outcome;
    };
    const initError = this.#api.initError.then((payload) => ({ payload, functionError: "Unhandled" as const }));
    const died = this.ended.then((end) => failed(this.#deathOf(end, requestId)));
    const late = clock.expired.then(() => failed(timedOut(requestId, fn.timeoutSeconds)));
    const first = await Promise.race([served(), initError, died, late]);
    if (first !== answered) {
      await this.stop();
    }
    return answered ?? first;
  }

  #deathOf(end: ProcessEnd, requestId: string): Failure {
    const { fn, interpreter } = this.#options;
    if (end.startError === undefined) {
      return exited(requestId, end);
    }
    const missing = end.startError.code === "ENOENT";
    return cannotRun(fn.runtime, missing ? `${interpreter} was not found on the PATH` : end.startError.message);
  }
}

type Outcome = Omit<InvokeResult, "logTail">;

export function failed(failure: Failure): Outcome {
  return { payload: Buffer.from(JSON.stringify(failure)), functionError: "Unhandled" };
}

function outcomeOf({ kind, payload }: Answer): Outcome {
  if (kind === "too-large") {
    return failed(responseTooLarge(MAX_RESPONSE_BYTES));
  }
  return kind === "error" ? { payload, functionError: "Unhandled" } : { payload };
}

function traceId(): string {
  const seconds = Math.floor(Date.now() / 1000).toString(16);
  return `Root=1-${seconds}-${randomBytes(12).toString("hex")};Parent=${randomBytes(8).toString("hex")};Sampled=0`;
}

/** The function's timeout: it runs from the moment the handler gets the request, or when loading took too long. */
class RequestClock {
  readonly expired: Promise<void>;
  startedAt: number | undefined;
  readonly #timeoutMs: number;
  #expire: () => void = () => {};
  #timer: NodeJS.Timeout;

  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs;
    this.expired = new Promise((resolve) => {
      this.#expire = resolve;
    });
    this.#timer = setTimeout(() => this.#run(), INIT_LIMIT_MS);
  }

  start(): void {
    this.startedAt = performance.now();
    this.#run();
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  #run(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(this.#expire, this.#timeoutMs);
  }
}
