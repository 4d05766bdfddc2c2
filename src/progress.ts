import type { Io } from "./io.ts";

/** Shows on standard error where a run is. */
export interface Progress {
  /** What goes on now; replaced by the next. */
  update(text: string): void;
  /** A line that stays. */
  line(text: string): void;
  /** Ends the display. */
  stop(): void;
}

/** A spinner in a terminal, plain lines everywhere else: no frames in a log file or a screen reader. */
export async function startProgress(io: Io): Promise<Progress> {
  if (!io.interactive) {
    let last = "";
    return {
      update(text) {
        if (text !== last) io.stderr(`${text}\n`);
        last = text;
      },
      line: (text) => io.stderr(`${text}\n`),
      stop: () => undefined,
    };
  }
  const { default: ora } = await import("ora");
  const spinner = ora({ discardStdin: false });
  return {
    update: (text) => {
      spinner.start(text);
    },
    line(text) {
      const wasSpinning = spinner.isSpinning;
      spinner.clear();
      io.stderr(`${text}\n`);
      if (wasSpinning) spinner.render();
    },
    stop: () => {
      spinner.stop();
    },
  };
}
