import type { Clock } from "./clock.ts";
import type { GatewayError } from "./errors.ts";

/** A terminal that output goes to, in which a display can be drawn anew. */
export interface Terminal {
  readonly columns: number;
  /** Whether it shows colours, and nobody has set NO_COLOR. */
  readonly colours: boolean;
  readonly stream: NodeJS.WritableStream;
}

/** The world as a command sees it. Commands touch nothing of `process`; tests bring their own. */
export interface Io {
  readonly cwd: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Results, and nothing else. */
  stdout(text: string): void;
  /**
   * Waits until all results are written.
   * @returns FileFailed when they cannot be, as on a full disk; not when nobody reads them any more
   */
  flush(): Promise<GatewayError | undefined>;
  /** Progress, hints, questions and errors. */
  stderr(text: string): void;
  /** From now on, errors that repeat one of these values show *** instead, but inside of one of these names. */
  hide(values: readonly string[], names?: readonly string[]): void;
  /** All of standard input, as text. */
  stdin(): Promise<string>;
  /** Asks for one line; only where `interactive`. */
  ask(question: string): Promise<string>;
  /** Whether a person sits at a terminal: questions may be asked. */
  readonly interactive: boolean;
  /** Where the two outputs end, if not in a file or a pipe. */
  readonly terminals: { readonly stdout: Terminal | undefined; readonly stderr: Terminal | undefined };
  /** Aborted by the first Ctrl-C, with a GatewayError Interrupted. */
  readonly signal: AbortSignal;
  /** Aborted when standard output takes nothing any more: nobody reads it, as behind `| head`, or its disk is full. */
  readonly outputClosed: AbortSignal;
  readonly clock: Clock;
  /** The command that started this program, to start it again in the background. */
  readonly program: readonly [string, ...string[]];
}
