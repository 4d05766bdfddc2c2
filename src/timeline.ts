// Where the time of a run went, part by part.
import type { Clock } from "./clock.ts";
import { cut, duration } from "./text.ts";

/** A part of a run; milliseconds since its start. */
export interface Span {
  /** The id of a resource, or what was done for all of them, like "read". */
  readonly id: string;
  readonly startMs: number;
  readonly endMs: number;
  readonly waits: readonly { readonly what: string; readonly startMs: number; readonly endMs: number }[];
}

interface Part {
  readonly label: string;
  readonly startMs: number;
  endMs: number | undefined;
  hasBar: boolean;
  readonly waits: { readonly what: string; readonly startMs: number; endMs: number | undefined }[];
}

export interface Timeline {
  started(id: string, label: string): void;
  /** The part waits until what is returned is called, or until its end. */
  waiting(id: string, what: string): () => void;
  /** Returns the milliseconds the part took; it ends once, until it is started again. Without `hasBar`, people are not shown it. */
  finished(id: string, hasBar?: boolean): number;
  /** A part from the end of all others until now. */
  sinceLast(id: string, label: string): void;
  /** Runs `work` as one part. */
  during<T>(id: string, label: string, work: () => Promise<T>): Promise<T>;
  spans(): readonly Span[];
  /** For people, at most `columns` wide, and with bars where there is room for them; what has not ended goes on. */
  lines(columns: number): readonly string[];
}

/** Begins to count now. */
export function startTimeline(clock: Pick<Clock, "elapsed">): Timeline {
  const start = clock.elapsed();
  const now = () => clock.elapsed() - start;
  const parts = new Map<string, Part>();
  const spans = () => Array.from(parts, ([id, part]) => spanOf(id, part, now()));
  const timeline: Timeline = {
    started(id, label) {
      const part = parts.get(id);
      // Worked at once more, a part goes on.
      if (part !== undefined) part.endMs = undefined;
      else parts.set(id, { ...partOf(label), startMs: now() });
    },
    waiting(id, what) {
      const wait: Part["waits"][number] = { what, startMs: now(), endMs: undefined };
      parts.get(id)?.waits.push(wait);
      return () => {
        wait.endMs = now();
      };
    },
    finished(id, hasBar = true) {
      const part = parts.get(id);
      if (part === undefined) return 0;
      part.endMs ??= now();
      part.hasBar ||= hasBar;
      return part.endMs - part.startMs;
    },
    sinceLast(id, label) {
      const ends = Array.from(parts.values(), ({ endMs = 0 }) => endMs);
      parts.set(id, { ...partOf(label), startMs: Math.max(...ends), endMs: now(), hasBar: true });
    },
    async during(id, label, work) {
      timeline.started(id, label);
      try {
        return await work();
      } finally {
        timeline.finished(id);
      }
    },
    spans,
    lines: (columns) => bars(spans(), parts, now(), columns),
  };
  return timeline;
}

function partOf(label: string): Part {
  return { label, startMs: 0, endMs: undefined, hasBar: false, waits: [] };
}

function spanOf(id: string, { startMs, endMs, waits }: Part, now: number): Span {
  const last = endMs ?? now;
  const ended = waits.map(({ what, startMs: from, endMs: to = last }) => ({
    what,
    startMs: Math.round(from),
    endMs: Math.round(to),
  }));
  return { id, startMs: Math.round(startMs), endMs: Math.round(last), waits: ended };
}

const LABEL_SHARE = 0.45;
const LEAST_BAR = 10;

/** `#` is work, `~` is waiting: readable in a log and aloud. A row with a bar would make no sense in two lines. */
function bars(all: readonly Span[], parts: ReadonlyMap<string, Part>, totalMs: number, columns: number): string[] {
  const spans = all.filter(({ id }) => parts.get(id)?.hasBar || parts.get(id)?.endMs === undefined);
  if (spans.length === 0) return [];
  const labels = spans.map(({ id }) => parts.get(id)?.label ?? id);
  const times = spans.map(({ startMs, endMs }) => duration(endMs - startMs));
  const timeWidth = Math.max(...times.map(({ length }) => length));
  const longest = Math.max(...labels.map(({ length }) => length));
  const shortest = Math.min(longest, Math.floor(columns * LABEL_SHARE));
  const barWidth = columns - shortest - timeWidth - 4;
  const hasBars = barWidth >= LEAST_BAR;
  const labelWidth = hasBars ? shortest : Math.min(longest, columns - timeWidth - 1);
  const rows = spans.flatMap((span, n) => [
    `${cut(labels[n] ?? "", labelWidth).padEnd(labelWidth)} ${(times[n] ?? "").padStart(timeWidth)}${hasBars ? ` |${bar(span, totalMs, barWidth)}|` : ""}`,
    ...span.waits.map(({ what, startMs, endMs }) => `  waited ${duration(endMs - startMs)} for ${what}`),
  ]);
  return [`timeline of ${duration(totalMs)}${hasBars ? ": # works, ~ waits" : ""}`, ...rows];
}

function bar({ startMs, endMs, waits }: Span, totalMs: number, width: number): string {
  const at = (ms: number) => Math.min(width, Math.floor((ms / Math.max(1, totalMs)) * width));
  const first = Math.min(at(startMs), width - 1);
  // Even what took no time has a mark.
  const end = Math.max(at(endMs), first + 1);
  const cells = Array.from({ length: width }, (_, cell): string => (cell >= first && cell < end ? "#" : " "));
  for (const wait of waits) cells.fill("~", Math.max(first, at(wait.startMs)), Math.min(end, at(wait.endMs)));
  return cells.join("");
}
