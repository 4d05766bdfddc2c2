// JSON as people write it: where it is wrong, and what was expected there.
import {
  findNodeAtLocation,
  type ParseError,
  type ParseOptions,
  parse,
  parseTree,
  printParseErrorCode,
  visit,
} from "jsonc-parser";

/** Counted from 1, as editors do. */
interface Position {
  readonly line: number;
  readonly column: number;
}

interface Problem extends Position {
  /** What should stand there. */
  readonly expected: string;
}

const EXPECTED: Readonly<Record<string, string>> = {
  InvalidSymbol: "expected a value: text has to stand in double quotes",
  InvalidNumberFormat: "expected a number",
  PropertyNameExpected: "expected a name in double quotes",
  ValueExpected: "expected a value",
  ColonExpected: "expected : after the name",
  CommaExpected: "expected , before the next entry",
  CloseBraceExpected: "expected } at the end of the object",
  CloseBracketExpected: "expected ] at the end of the list",
  EndOfFileExpected: "expected nothing more, because the object ends before",
  InvalidCommentToken: "expected no comment here",
  UnexpectedEndOfComment: "expected */ at the end of the comment",
  UnexpectedEndOfString: 'expected " at the end of the text',
  UnexpectedEndOfNumber: "expected a digit",
  InvalidUnicode: "expected four hexadecimal digits after \\u",
  InvalidEscapeCharacter: 'expected one of " \\ / b f n r t u after \\',
  InvalidCharacter: "expected \\n, \\t or \\u.... in place of a control character",
};

/** What the text says, or the first thing that is wrong with it. */
export function parseJsonText(text: string, options: ParseOptions): { readonly value: unknown } | Problem {
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, options);
  const [first] = errors;
  if (first === undefined) return { value };
  const expected = EXPECTED[printParseErrorCode(first.error)] ?? "expected JSON";
  return { ...positionOf(text, first.offset), expected };
}

/** A name that stands in one object again. */
interface Repetition extends Position {
  readonly path: readonly (string | number)[];
  readonly firstLine: number;
}

/** The first name that stands twice in one object of a text without mistakes; for its reader, the last one wins. */
export function repeatedName(text: string): Repetition | undefined {
  const found: Repetition[] = [];
  const around: Map<string, number>[] = [];
  visit(text, {
    onObjectBegin: () => void around.push(new Map()),
    onObjectEnd: () => void around.pop(),
    onObjectProperty(name, offset, _length, _line, _column, path) {
      const first = around.at(-1)?.get(name);
      if (first === undefined) around.at(-1)?.set(name, offset);
      else
        found.push({ ...positionOf(text, offset), path: [...path(), name], firstLine: positionOf(text, first).line });
    },
  });
  return found[0];
}

/** Where the value at `path` stands, or its name where `key` is true; undefined when the text has no such path. */
export function positionAt(text: string, path: readonly PropertyKey[], key: boolean): Position | undefined {
  const tree = parseTree(text, [], { allowTrailingComma: true });
  const segments = path.map((part) => (typeof part === "number" ? part : String(part)));
  const found = tree && findNodeAtLocation(tree, segments);
  if (found === undefined) return undefined;
  return positionOf(text, key ? (found.parent?.offset ?? found.offset) : found.offset);
}

function positionOf(text: string, offset: number): Position {
  const before = text.slice(0, offset).split("\n");
  return { line: before.length, column: (before.at(-1)?.length ?? 0) + 1 };
}
