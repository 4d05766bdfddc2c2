import type { Io, Terminal } from "./io.ts";
import { cut, duration, paintFor, wrapped } from "./text.ts";

/** Shows on standard error where a run is. */
export interface Progress {
  /** What goes on now; replaced by the next. */
  update(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Work that goes on beside other work, until `finished`. */
  started(id: string, label: string): void;
  /** What started work waits for. */
  waiting(id: string, what: string): void;
  finished(id: string): void;
  /** Ends the display. */
  stop(): void;
}

interface Task {
  readonly label: string;
  readonly since: number;
  waitsFor: string | undefined;
}

/** A display that is drawn anew in a terminal, plain lines everywhere else: no frames in a log file or a screen reader. */
export async function startProgress(io: Io): Promise<Progress> {
  const terminal = io.terminals.stderr;
  return terminal === undefined ? plainProgress(io) : liveProgress(io, terminal);
}

function plainProgress(io: Io): Progress {
  const labels = new Map<string, string>();
  let last = "";
  return {
    update(text) {
      if (text !== last) io.stderr(`${text}\n`);
      last = text;
    },
    line: (text) => io.stderr(`${text}\n`),
    started: (id, label) => void labels.set(id, label),
    waiting: (id, what) => io.stderr(`${labels.get(id) ?? id}: waiting for ${what}\n`),
    finished: (id) => void labels.delete(id),
    stop: () => undefined,
  };
}

async function liveProgress(io: Io, terminal: Terminal): Promise<Progress> {
  const { default: ora } = await import("ora");
  const paint = paintFor(terminal);
  const tasks = new Map<string, Task>();
  let head = "";
  let since = io.clock.elapsed();
  const spinner = ora({
    stream: terminal.stream,
    // Whether there is a terminal is decided, also where CI is set.
    isEnabled: true,
    discardStdin: false,
    color: terminal.colours ? "cyan" : false,
    // Asked for with every frame: times go on.
    suffixText: () => [headRest(), ...Array.from(tasks.values(), taskLine)].join("\n"),
  });
  const headRest = () => paint("dim", duration(io.clock.elapsed() - since));
  const taskLine = ({ label, since: start, waitsFor }: Task) => {
    const time = duration(io.clock.elapsed() - start);
    const what = waitsFor === undefined ? "" : `  waiting for ${waitsFor}`;
    const line = cut(`  ${label}  ${time}${what}`, terminal.columns);
    return `${line.slice(0, label.length + 2)}${paint("dim", line.slice(label.length + 2))}`;
  };
  return {
    update(text) {
      if (text !== head) since = io.clock.elapsed();
      head = text;
      // Spinner and time need ten columns.
      spinner.start(cut(text, terminal.columns - 10));
    },
    // Written above the display: the spinner sees it and draws itself again below.
    line: (text) => io.stderr(`${wrapped(text, terminal)}\n`),
    started: (id, label) => void tasks.set(id, { label, since: io.clock.elapsed(), waitsFor: undefined }),
    waiting(id, what) {
      const task = tasks.get(id);
      if (task !== undefined) task.waitsFor = what;
    },
    finished: (id) => void tasks.delete(id),
    stop: () => {
      spinner.stop();
    },
  };
}
