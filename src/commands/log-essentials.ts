// Which of Lambda's own lines tell a person something that no other line does.
import { member, parseJson } from "../json.ts";

interface Line {
  /** The log stream: the lines of one process, which has one request at a time. */
  readonly stream: string;
  readonly message: string;
}

/**
 * Leaves out what is told elsewhere: INIT_START; START where the next line tells the request's id itself; END; REPORT behind
 * the built-in function's record of the request, unless it tells of a start or a failure.
 */
export class Essentials<L extends Line> {
  /** By stream, a START that waits for the line behind it. */
  readonly #starts = new Map<string, L>();
  /** By stream, the id of the request whose record was shown. */
  readonly #recorded = new Map<string, unknown>();

  /** What is to be shown now that this line has come. */
  shown(line: L): readonly L[] {
    const { stream, message } = line;
    const [kind = ""] = /^(INIT_START|START RequestId|END RequestId|REPORT RequestId)\b/.exec(message) ?? [];
    if (kind === "INIT_START") return [];
    const start = this.#starts.get(stream);
    this.#starts.delete(stream);
    if (kind === "START RequestId") {
      this.#starts.set(stream, line);
      return [];
    }
    if (kind === "END RequestId") return [];
    if (kind === "REPORT RequestId") return this.#tellsNothing(line) ? [] : [line];
    const record = message.startsWith("{") ? parseJson(message) : undefined;
    // Your own records may have the id too, and nothing of how the request ended.
    if (member(record, "http.response.status_code") !== undefined) {
      this.#recorded.set(stream, member(record, "faas.invocation_id"));
      return [line];
    }
    return start === undefined ? [line] : [start, line];
  }

  /** The STARTs of requests that have told nothing yet, when no more lines come. */
  rest(): readonly L[] {
    return [...this.#starts.values()];
  }

  #tellsNothing({ stream, message }: L): boolean {
    const recorded = this.#recorded.get(stream);
    this.#recorded.delete(stream);
    const [, id] = /^REPORT RequestId: (\S+)/.exec(message) ?? [];
    return recorded === id && !/\t(Init Duration|Status): /.test(message);
  }
}
