/** Text with names: what a form and an XML document have in common. */
export interface Tree {
  readonly text: string;
  readonly children: readonly { readonly name: string; readonly tree: Tree }[];
}

/** `Tags.member.1.Key=a` as Tags > member > Key = a; the index only says the order. */
export function formTree(form: URLSearchParams): Tree {
  const top: [string[], string][] = [...form].map(([name, value]) => [name.split("."), value]);
  return branch(top);
}

function branch(entries: readonly (readonly [readonly string[], string])[]): Tree {
  const text = entries.find(([path]) => path.length === 0)?.[1] ?? "";
  const names = [...new Set(entries.flatMap(([[name]]) => name ?? []))];
  const children = names.flatMap((name) => {
    const below = entries.flatMap(([[first, ...rest], value]): [string[], string][] =>
      first === name ? [[rest, value]] : [],
    );
    const indices = [...new Set(below.map(([[index]]) => index ?? ""))];
    if (!indices.every((index) => /^\d+$/.test(index))) return [{ name, tree: branch(below) }];
    return indices
      .toSorted((a, b) => Number(a) - Number(b))
      .map((index) => ({
        name,
        tree: branch(below.filter(([[i]]) => i === index).map(([[, ...rest], value]) => [rest, value])),
      }));
  });
  return { text, children };
}

/**
 * The elements of an XML document; attributes are left out. Enough for AWS's answers, which have no CDATA, comments or
 * entities of their own.
 * @throws Error for a document that is not well-formed
 */
export function xmlTree(xml: string): Tree {
  interface Open {
    name: string;
    text: string;
    children: { name: string; tree: Tree }[];
  }
  const top: Open = { name: "", text: "", children: [] };
  const open: Open[] = [top];
  let end = 0;
  for (const { 0: tag, 1: close = "", 2: name = "", 3: isEmpty = "", index } of xml.matchAll(
    /<(\/?)([\w:.-]+)[^<>]*?(\/?)>|<\?[^<>]*\?>/g,
  )) {
    const current = open.at(-1) ?? top;
    current.text += unescapeXml(xml.slice(end, index));
    end = index + tag.length;
    if (name === "") continue;
    if (close === "") open.push({ name, text: "", children: [] });
    if (close !== "" || isEmpty !== "") {
      const done = open.pop();
      const parent = open.at(-1);
      if (done === undefined || done.name !== name || parent === undefined) throw new Error(`</${name}> ends nothing`);
      parent.children.push({ name, tree: { text: done.text, children: done.children } });
    }
  }
  if (open.length > 1 || xml.slice(end).trim() !== "") throw new Error("the document does not end");
  return top;
}

function unescapeXml(text: string): string {
  const named: Record<string, string> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };
  return text.replace(/&(?:#x([\da-f]+)|#(\d+)|(\w+));/gi, (whole, hex, decimal, name) => {
    if (name !== undefined) return named[name] ?? whole;
    return String.fromCodePoint(hex === undefined ? Number(decimal) : Number.parseInt(hex, 16));
  });
}
