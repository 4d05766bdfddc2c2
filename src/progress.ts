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
  /** What the run waits for, or the started work `id`, until what is returned is called. */
  waiting(what: string, id?: string): () => void;
  finished(id: string): void;
  /** Ends the display. */
  stop(): void;
}

interface Task {
  readonly label: string;
  readonly since: number;
  /** What it waits for; the last of them is shown. */
  readonly waits: Set<{ readonly what: string }>;
}

/** What goes on in the whole run, or is waited for there. */
interface Head {
  readonly text: string;
  readonly since: number;
}

/** A display that is drawn anew in a terminal, plain lines everywhere else: no frames in a log file or a screen reader. */
export async function startProgress(io: Io): Promise<Progress> {
  const terminal = io.terminals.stderr;
  return terminal === undefined ? plainProgress(io) : liveProgress(io, terminal);
}

function plainProgress(io: Io): Progress {
  const labels = new Map<string, string>();
  let last = "";
  const update = (text: string) => {
    if (text !== last) io.stderr(`${text}\n`);
    last = text;
  };
  return {
    update,
    line: (text) => io.stderr(`${text}\n`),
    started: (id, label) => void labels.set(id, label),
    waiting(what, id) {
      if (id === undefined) update(`waiting for ${what}`);
      else io.stderr(`${labels.get(id) ?? id}: waiting for ${what}\n`);
      return () => undefined;
    },
    finished: (id) => void labels.delete(id),
    stop: () => undefined,
  };
}

async function liveProgress(io: Io, terminal: Terminal): Promise<Progress> {
  const { default: ora } = await import("ora");
  const paint = paintFor(terminal);
  const tasks = new Map<string, Task>();
  const heads = new Set<Head>();
  let work: Head | undefined;
  let hasStopped = false;
  const head = () => Array.from(heads).at(-1) ?? work;
  const spinner = ora({
    stream: terminal.stream,
    // Whether there is a terminal is decided, also where CI is set.
    isEnabled: true,
    discardStdin: false,
    color: terminal.colours ? "cyan" : false,
    // Asked for with every frame: times go on.
    suffixText: () => [headRest(), ...Array.from(tasks.values(), taskLine)].join("\n"),
  });
  const timeSince = (since: number) => duration(io.clock.elapsed() - since);
  const headRest = () => paint("dim", timeSince(head()?.since ?? io.clock.elapsed()));
  const taskLine = ({ label, since, waits }: Task) => {
    const wait = Array.from(waits).at(-1);
    const what = wait === undefined ? "" : `  waiting for ${wait.what}`;
    const line = cut(`  ${label}  ${timeSince(since)}${what}`, terminal.columns);
    return `${line.slice(0, label.length + 2)}${paint("dim", line.slice(label.length + 2))}`;
  };
  const show = () => {
    // A call that nobody waits for any more may tell of its pauses to the end.
    if (hasStopped) return;
    const now = head();
    // Spinner and time need ten columns.
    if (now !== undefined) spinner.start(cut(now.text, terminal.columns - 10));
    else spinner.stop();
  };
  return {
    update(text) {
      if (text !== work?.text) work = { text, since: io.clock.elapsed() };
      show();
    },
    // Written above the display: the spinner sees it and draws itself again below.
    line: (text) => io.stderr(`${wrapped(text, terminal)}\n`),
    started: (id, label) => void tasks.set(id, { label, since: io.clock.elapsed(), waits: new Set() }),
    waiting(what, id) {
      if (id === undefined) return added(heads, { text: `waiting for ${what}`, since: io.clock.elapsed() }, show);
      return added(tasks.get(id)?.waits ?? new Set(), { what });
    },
    finished: (id) => void tasks.delete(id),
    stop: () => {
      hasStopped = true;
      spinner.stop();
    },
  };
}

/** Adds to what is shown; what is returned takes it away again. */
function added<T>(all: Set<T>, one: T, show: () => void = () => undefined): () => void {
  all.add(one);
  show();
  return () => {
    all.delete(one);
    show();
  };
}
