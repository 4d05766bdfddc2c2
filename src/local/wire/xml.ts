/**
 * The members of an object as XML elements, as the query protocol wants them: lists as <member>, dates in ISO 8601
 * without milliseconds, members that are undefined left out.
 */
export function xmlMembers(value: object): string {
  return Object.entries(value)
    .map(([name, member]) => element(name, member))
    .join("");
}

/** One element with text in it. */
export function xmlText(name: string, text: string): string {
  return `<${name}>${escapeXml(text)}</${name}>`;
}

function element(name: string, value: unknown): string {
  if (value === undefined) return "";
  if (Array.isArray(value)) return `<${name}>${value.map((item) => element("member", item)).join("")}</${name}>`;
  if (value instanceof Date) return xmlText(name, value.toISOString().replace(/\.\d+Z$/, "Z"));
  if (typeof value === "object" && value !== null) return `<${name}>${xmlMembers(value)}</${name}>`;
  return xmlText(name, String(value));
}

function escapeXml(text: string): string {
  return (
    text
      // XML 1.0 has no way to write these at all.
      .replace(/[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu, "\ufffd")
      .replaceAll("&", "&amp;")
      .replaceAll("<", "&lt;")
      .replaceAll(">", "&gt;")
      .replaceAll('"', "&quot;")
      .replaceAll("\r", "&#xD;")
  );
}
