// The project's Markdown, parsed: what the tests of the pages need of it.
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import GithubSlugger from "github-slugger";
import { lexer, type Token, type Tokens, walkTokens } from "marked";

export const CLONE = fileURLToPath(new URL("../..", import.meta.url));

export interface Block {
  /** Where it begins, for messages: `README.md:12`. */
  readonly at: string;
  /** The word behind the fence, and what follows it. */
  readonly language: string;
  readonly note: string;
  readonly text: string;
}

/** A heading of the second level and what is below it; the first one is what stands above them all. */
interface Section {
  readonly title: string;
  readonly blocks: readonly Block[];
}

export interface Page {
  /** Relative to the clone. */
  readonly path: string;
  readonly sections: readonly Section[];
  /** As GitHub makes them. */
  readonly anchors: ReadonlySet<string>;
  readonly links: readonly string[];
  /** Of each row of a table, the heading of its first column and the text of its first cell. */
  readonly rows: readonly (readonly [heading: string, cell: string])[];
}

/** Every page of the project, the README first. */
export async function readPages(): Promise<Page[]> {
  const [root, docs] = await Promise.all([readdir(CLONE), readdir(join(CLONE, "docs"))]);
  const paths = [...root, ...docs.map((name) => `docs/${name}`)].filter((path) => path.endsWith(".md"));
  const ordered = paths.toSorted((a, b) => Number(b === "README.md") - Number(a === "README.md") || a.localeCompare(b));
  return Promise.all(ordered.map(async (path) => parsePage(path, await readFile(join(CLONE, path), "utf8"))));
}

function parsePage(path: string, markdown: string): Page {
  const slugger = new GithubSlugger();
  const anchors = new Set<string>();
  const links: string[] = [];
  const rows: [string, string][] = [];
  const sections: { title: string; blocks: Block[] }[] = [{ title: path, blocks: [] }];
  let line = 1;
  for (const token of lexer(markdown)) {
    if (token.type === "heading" && token.depth === 2) sections.push({ title: plainText([token]), blocks: [] });
    walkTokens([token], (part) => {
      if (part.type === "heading") anchors.add(slugger.slug(plainText([part])));
      if (part.type === "link" || part.type === "image") links.push(part.href);
      if (part.type === "table") rows.push(...firstCells(part));
      if (part.type === "code") {
        const [language = "", ...note] = (part.lang ?? "").split(" ");
        sections.at(-1)?.blocks.push({ at: `${path}:${line}`, language, note: note.join(" "), text: part.text });
      }
    });
    line += token.raw.split("\n").length - 1;
  }
  return { path, sections, anchors, links, rows };
}

function firstCells({ header, rows }: Tokens.Table | Tokens.Generic): [string, string][] {
  const text = (cells: readonly Tokens.TableCell[]) => plainText(cells[0]?.tokens ?? []);
  return rows.map((cells: readonly Tokens.TableCell[]) => [text(header), text(cells)]);
}

/** What is read of some inline Markdown. */
function plainText(tokens: readonly Token[]): string {
  return tokens
    .map((token) => {
      if ("tokens" in token && token.tokens !== undefined) return plainText(token.tokens);
      return "text" in token ? token.text : "";
    })
    .join("");
}
