// The parts of SigV4's canonical request [AWS IAM user guide: create a signed AWS API request].
import { percentEncode } from "./rfc3986.ts";

/** Names and values decoded; undefined when the query is not well-formed. A plus sign is a plus sign in SigV4. */
export function parseQuery(query: string): ReadonlyMap<string, readonly string[]> | undefined {
  const parsed = new Map<string, string[]>();
  try {
    for (const pair of query.split("&")) {
      if (pair === "") continue;
      const equals = pair.indexOf("=");
      const name = decodeURIComponent(equals === -1 ? pair : pair.slice(0, equals));
      const value = equals === -1 ? "" : decodeURIComponent(pair.slice(equals + 1));
      const values = parsed.get(name);
      if (values === undefined) parsed.set(name, [value]);
      else values.push(value);
    }
  } catch {
    return undefined;
  }
  return parsed;
}

/** Sorted by name and then by value, both encoded; without the parameter left out. */
export function canonicalQuery(query: ReadonlyMap<string, readonly string[]>, leftOut: string | undefined): string {
  const pairs = [...query]
    .filter(([name]) => name !== leftOut)
    .map(([name, values]) => [percentEncode(name), values] as const);
  return pairs
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([name, values]) =>
      values
        .map(percentEncode)
        .sort()
        .map((value) => `${name}=${value}`),
    )
    .join("&");
}

/** Without empty and dot segments, and encoded once more than it was sent. */
export function canonicalPath(path: string): string {
  const kept: string[] = [];
  for (const segment of path.split("/")) {
    if (segment === "..") kept.pop();
    else if (segment !== "" && segment !== ".") kept.push(percentEncode(segment));
  }
  return `/${kept.join("/")}${kept.length > 0 && path.endsWith("/") ? "/" : ""}`;
}

/** One line for each signed header, spaces in values collapsed, and an empty line. */
export function canonicalHeaders(headers: Readonly<Record<string, string>>, signedHeaders: string): string {
  return signedHeaders
    .split(";")
    .map((name) => `${name}:${(headers[name] ?? "").trim().replace(/\s+/g, " ")}\n`)
    .join("");
}
