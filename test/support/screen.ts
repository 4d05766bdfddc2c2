// A terminal for tests: takes what a program writes, and shows what a person then sees.
import { clearLine, cursorTo, moveCursor } from "node:readline";
import { Writable } from "node:stream";

/** A stream that says it is a terminal, as Node's own does. */
export class ScreenStream extends Writable {
  readonly isTTY = true;
  readonly columns: number;
  readonly rows = 50;
  raw = "";

  constructor(columns: number) {
    super({ decodeStrings: false });
    this.columns = columns;
  }

  override _write(chunk: string, _encoding: string, done: () => void): void {
    this.raw += chunk;
    done();
  }

  clearLine(direction: -1 | 0 | 1): boolean {
    return clearLine(this, direction);
  }

  cursorTo(column: number): boolean {
    return cursorTo(this, column);
  }

  moveCursor(columns: number, lines: number): boolean {
    return moveCursor(this, columns, lines);
  }
}

const STYLES: Readonly<Record<string, string>> = {
  1: "bold",
  2: "dim",
  31: "red",
  32: "green",
  33: "yellow",
  35: "magenta",
  36: "cyan",
};

interface Cell {
  readonly character: string;
  readonly style: string;
}

const ESCAPE = String.fromCharCode(27);
/** A control sequence, or one character. */
const TOKEN = new RegExp(`${ESCAPE}\\[([?\\d;]*)([A-Za-z])|([\\s\\S])`, "gu");

/** The lines on a terminal of so many columns after all of `raw` was written; colours as `{green}`, their end as `{}`. */
export function seen(raw: string, columns: number): string {
  const rows: Cell[][] = [[]];
  let row = 0;
  let column = 0;
  let style = "";
  const line = (): Cell[] => {
    while (rows.length <= row) rows.push([]);
    return rows[row] ?? [];
  };
  const put = (character: string) => {
    if (column === columns) {
      row += 1;
      column = 0;
    }
    const cells = line();
    while (cells.length < column) cells.push({ character: " ", style: "" });
    cells[column] = { character, style };
    column += 1;
  };
  for (const [, parameters = "", command, character] of raw.matchAll(TOKEN)) {
    if (character === "\n") {
      row += 1;
      column = 0;
      line();
    } else if (character === "\r") column = 0;
    else if (character !== undefined) put(character);
    else if (command === "G") column = Number(parameters || 1) - 1;
    else if (command === "A") row = Math.max(0, row - Number(parameters || 1));
    else if (command === "K") line().splice(parameters === "2" ? 0 : column);
    else if (command === "m") style = STYLES[parameters] ?? "";
    else if (!parameters.startsWith("?")) throw new Error(`the terminal of the tests does not know ${command}`);
  }
  return rows.map(text).join("\n");
}

function text(cells: readonly Cell[]): string {
  let before = "";
  const parts = cells.map(({ character, style }) => {
    const change = style === before ? "" : `{${style}}`;
    before = style;
    return change + character;
  });
  return parts.join("") + (before === "" ? "" : "{}");
}
