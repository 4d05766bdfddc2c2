import type { FunctionVersion } from "../function-version.ts";
import { type Breakdown, brokenBy, brokenStart } from "./breakdown.ts";
import { cannotRun, exited, timedOut } from "./failures.ts";
import { FunctionProcess, type ProcessEnd } from "./function-process.ts";
import { initReport, initStart, newLogStream } from "./init-log.ts";
import { MemoryMeter } from "./memory-meter.ts";
import type { OrphanGuard } from "./orphan-guard.ts";
import type { FunctionRequest } from "./outcome.ts";
import { type Interpreter, programOf } from "./program.ts";
import { LogTail } from "./request-log.ts";
import { RunningRequest } from "./running-request.ts";
import { RuntimeApi } from "./runtime-api.ts";

export interface InvokeResult {
  readonly payload: Buffer;
  readonly functionError?: "Unhandled";
  /** The last 4 KB of the request's log, as text. */
  readonly logTail: string;
}

interface Options {
  readonly fn: FunctionVersion;
  readonly interpreter: Interpreter;
  readonly folder: string;
  readonly nodePath: string;
  readonly guard: OrphanGuard;
  onLog(fn: FunctionVersion, logStream: string, message: string): void;
  /** It can take a request: it has loaded its handler, or the request before is over. */
  onFree(environment: ExecutionEnvironment): void;
}

/** Lambda gives the handler's module this long to load before the function's own timeout begins to run. */
const INIT_LIMIT_MS = 10_000;

/** One process of a function, its Runtime API and its log stream. It serves one request at a time. */
export class ExecutionEnvironment {
  /** Settles when the process is gone, and the request it worked on is answered. */
  readonly ended: Promise<void>;
  /** performance.now() of the end of its last request. */
  freeSince = 0;
  readonly #options: Options;
  readonly #api: RuntimeApi;
  readonly #process: FunctionProcess;
  readonly #memory: MemoryMeter;
  readonly #emit: (line: string) => void;
  readonly #startedAt = performance.now();
  #initTimer: NodeJS.Timeout;
  /** What was written while the handler is loaded; undefined once it is. */
  #initLog: LogTail | undefined = new LogTail();
  /** How long that took, until the first request has reported it. */
  #initMs: number | undefined;
  #initError: Buffer | undefined;
  #running: RunningRequest | undefined;
  #late = false;
  #end: ProcessEnd = { code: null, signal: null };

  private constructor(options: Options, api: RuntimeApi) {
    const { fn, interpreter, guard } = options;
    const logStream = newLogStream(fn);
    this.#options = options;
    this.#api = api;
    this.#emit = (line) => options.onLog(fn, logStream, line);
    this.#emit(initStart(fn));
    const program = programOf(fn, interpreter, { ...options, logStream, runtimeApi: api.address });
    this.#process = new FunctionProcess(program, guard, (line) => this.#hear(line));
    this.#memory = new MemoryMeter(this.#process.pid);
    this.#initTimer = setTimeout(() => this.#startsLate(), INIT_LIMIT_MS);
    this.ended = this.#process.ended.then((end) => this.#died(end));
    api.report({
      polled: () => this.#polled(),
      initFailed: (error) => {
        this.#initError = error;
        this.#process.kill();
      },
      answered: (answer) => {
        if (this.#running !== undefined) {
          this.#running.answer = answer;
          this.#finishSoon();
        }
      },
    });
  }

  static async start(options: Options): Promise<ExecutionEnvironment> {
    return new ExecutionEnvironment(options, await RuntimeApi.listen());
  }

  /** Whether it has loaded its handler. */
  get started(): boolean {
    return this.#initLog === undefined;
  }

  /** Gives the process, which is free, a request; false: it is ending and takes none. */
  run(request: FunctionRequest): boolean {
    if (!this.#api.polling) {
      return false;
    }
    const { fn } = this.#options;
    this.#running = new RunningRequest(request, { fn, emit: this.#emit, onLate: () => this.#killLate() });
    this.#api.send(this.#running.invocation());
    return true;
  }

  /** Ends a request this process was started for, once it has ended without having loaded its handler. */
  refuse(request: FunctionRequest): void {
    const { fn } = this.#options;
    const given = { fn, emit: this.#emit, onLate: () => {}, startedAt: this.#startedAt };
    this.#running = new RunningRequest(request, { ...given, logBefore: this.#initLog });
    this.#over(this.#breakdown(request.requestId));
  }

  /** Kills the process; a request it is working on ends with Runtime.ExitError. */
  stop(): void {
    this.#process.kill();
  }

  #hear(line: string): void {
    if (this.#running !== undefined) {
      this.#running.log.add(line);
    } else {
      this.#initLog?.add(line);
      this.#emit(line);
    }
  }

  #polled(): void {
    if (this.#initLog !== undefined) {
      clearTimeout(this.#initTimer);
      this.#initMs = performance.now() - this.#startedAt;
      this.#initLog = undefined;
      this.#free();
    } else {
      this.#finishSoon();
    }
  }

  /** A request is over when it is answered and the runtime asks for the next one, which it may do in one breath. */
  #finishSoon(): void {
    if (this.#running?.answer !== undefined && this.#api.polling) {
      // What was written before the answer is in the pipe already; it is read in this turn of the event loop.
      setImmediate(this.#finish);
    }
  }

  readonly #finish = (): void => {
    if (this.#running !== undefined) {
      this.#over(undefined);
      this.#free();
    }
  };

  #free(): void {
    this.freeSince = performance.now();
    this.#options.onFree(this);
  }

  #over(breakdown: Breakdown | undefined): void {
    this.#process.flush();
    const running = this.#running;
    const initMs = this.#initMs;
    this.#running = undefined;
    this.#initMs = undefined;
    running?.end({ breakdown, peakMb: this.#memory.peakMb(), initMs });
  }

  #startsLate(): void {
    this.#emit(initReport(INIT_LIMIT_MS, "timeout"));
    this.#initTimer = setTimeout(() => this.#killLate(), this.#options.fn.timeoutSeconds * 1000);
  }

  #killLate(): void {
    this.#late = true;
    this.#memory.peakMb();
    this.#process.kill();
  }

  #died(end: ProcessEnd): void {
    clearTimeout(this.#initTimer);
    this.#end = end;
    this.#api.close();
    if (!this.started && !this.#late) {
      this.#emit(initReport(performance.now() - this.#startedAt, this.#breakdown("").status));
    }
    if (this.#running !== undefined) {
      this.#over(this.#breakdown(this.#running.requestId));
    }
    this.#memory.close();
  }

  #breakdown(requestId: string): Breakdown {
    const { fn, interpreter } = this.#options;
    if (this.#late) {
      return brokenBy(timedOut(requestId, fn.timeoutSeconds));
    }
    if (this.#initError !== undefined) {
      return brokenStart(this.#initError);
    }
    const { startError } = this.#end;
    if (startError === undefined) {
      return brokenBy(exited(requestId, this.#end));
    }
    const missing = startError.code === "ENOENT";
    return brokenBy(cannotRun(fn.runtime, missing ? `${interpreter} was not found on the PATH` : startError.message));
  }
}
