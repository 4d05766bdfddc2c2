// Blocks that show a terminal: commands behind "$ ", and what they print.
import { inOrder } from "../support/normal.ts";

export interface Step {
  readonly command: string;
  /** Nothing is compared where nothing is shown. */
  readonly output: string;
  /** The block shows that the reader presses Ctrl-C. */
  readonly isInterrupted: boolean;
}

/** A line that ends with \ goes on in the next one. */
export function parseConsole(text: string): Step[] {
  const [before, ...parts] = text.replaceAll("\\\n", "\\\0").split(/^\$ /m);
  if (before !== "") throw new Error(`a block of console begins with "$ ", not with ${JSON.stringify(before)}`);
  return parts.map((part) => {
    const [command = "", ...lines] = part.trimEnd().split("\n");
    const isInterrupted = lines.at(-1) === "^C";
    const output = (isInterrupted ? lines.slice(0, -1) : lines).join("\n");
    return { command: command.replaceAll("\0", "\n"), output, isInterrupted };
  });
}

/** Whether a page shows what was really printed; `...` on the page stands for any text. */
export function shows(expected: string, actual: string): boolean {
  const parts = settled(expected).split("...");
  const escaped = parts.map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, "\\$&"));
  return new RegExp(`^${escaped.join("[^]*")}$`).test(settled(actual));
}

/**
 * Without what differs from run to run (ids, durations, digests, the order of what goes on at the same time), from AWS
 * to the local one (addresses, the account), and from the port that the local AWS has by itself.
 */
export function settled(output: string): string {
  return inOrder(
    output
      .trimEnd()
      .replace(/127\.0\.0\.1:\d+/g, "127.0.0.1:PORT")
      .replace(/LLM_GW_LOCAL_PORT=\d+ (?=llm-gw )/g, "")
      .replace(
        /http:\/\/127\.0\.0\.1:PORT\/execute-api\/\w+|https:\/\/\w+\.execute-api\.[\w-]+\.amazonaws\.com/g,
        "API",
      )
      .replace(/\baccount \d{12}\b/g, "account ACCOUNT")
      .replace(/\b\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "DATE")
      .replace(/\b(\d+ ms|\d+\.\d s)\b/g, "TIME")
      .replace(/\b[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/g, "REQUEST")
      .replace(/\b[0-9a-f]{32,}\b/g, "DIGEST"),
  );
}
