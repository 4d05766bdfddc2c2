import type { Flags } from "../config/settings.ts";
import type { Io } from "../io.ts";
import type { Progress } from "../progress.ts";

/** Most answers come sooner, and need no display. */
const QUIET_MS = 1_000;

/** Shows a person at a terminal, after a moment, that the answer is still waited for. */
export async function whileWaiting<T>(answer: Promise<T>, flags: Flags, io: Io, progress: Progress): Promise<T> {
  if (io.terminals.stderr === undefined || flags.json === true) return answer;
  const ended = new AbortController();
  let hide = (): void => undefined;
  const show = () => {
    if (!ended.signal.aborted) hide = progress.waiting("the answer");
  };
  io.clock.sleep(QUIET_MS, ended.signal).then(show, () => undefined);
  try {
    return await answer;
  } finally {
    ended.abort();
    hide();
  }
}
