// Text for people: colours and line breaks where it goes to a terminal, neither elsewhere.
import { stripVTControlCharacters, styleText } from "node:util";
import type { Terminal } from "./io.ts";

type Format = "bold" | "dim" | "red" | "green" | "yellow" | "magenta" | "cyan";

/** Gives text a format where the output shows colours. */
export type Paint = (format: Format, text: string) => string;

export function paintFor(terminal: Pick<Terminal, "colours"> | undefined): Paint {
  if (terminal?.colours !== true) return (_format, text) => text;
  // Left to itself, Node looks at standard output, whichever output the text is for.
  return (format, text) => styleText(format, text, { validateStream: false });
}

/**
 * Breaks lines between words where a terminal would break them anywhere; what follows is indented by `indent`.
 * Text for a file or a pipe stays as it is.
 */
export function wrapped(text: string, terminal: Pick<Terminal, "columns"> | undefined, indent = 2): string {
  if (terminal === undefined) return text;
  return text
    .split("\n")
    .map((line) => wrappedLine(line, terminal.columns, indent))
    .join("\n");
}

function wrappedLine(line: string, columns: number, indent: number): string {
  if (width(line) <= columns) return line;
  const lead = /^ */.exec(line)?.[0] ?? "";
  const lines: string[] = [];
  let current = lead;
  // A number stays with its unit.
  for (const word of line.trim().split(/ +(?!(?:ms|s|min)\b)/)) {
    const hasWord = current.trim() !== "";
    if (hasWord && width(current) + 1 + width(word) > columns) {
      lines.push(current);
      current = `${lead}${" ".repeat(indent)}${word}`;
    } else {
      current += hasWord ? ` ${word}` : word;
    }
  }
  return [...lines, current].join("\n");
}

/** How many columns text takes: colours take none. */
function width(text: string): number {
  return stripVTControlCharacters(text).length;
}

/** Cuts a line that must not be broken, as in a display that is drawn anew. */
export function cut(line: string, columns: number): string {
  return line.length <= columns ? line : `${line.slice(0, Math.max(0, columns - 1))}…`;
}

/** `45 ms`, `6.2 s`, `3 min 20 s` */
export function duration(ms: number): string {
  if (ms < 100) return `${Math.round(ms)} ms`;
  const tenths = Math.round(ms / 100);
  if (tenths < 600) return `${(tenths / 10).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** `1 file`, `3 files` */
export function count(n: number, noun: string): string {
  return n === 1 ? `1 ${noun}` : `${n} ${noun}s`;
}

/** `812 bytes`, `1.4 MB` */
export function size(bytes: number): string {
  if (bytes < 1_000) return `${bytes} bytes`;
  if (bytes < 999_500) return `${Math.round(bytes / 1_000)} kB`;
  return `${(bytes / 1_000_000).toFixed(1)} MB`;
}
