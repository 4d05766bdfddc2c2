/**
 * A test for texts that match an IAM pattern: `*` is any text, `?` any one character. Patterns and texts come from
 * strangers, so it never takes more than length times length steps, which a regular expression can.
 */
export function wildcard(pattern: string): (text: string) => boolean {
  return (text) => {
    let at = 0;
    let inPattern = 0;
    /** The last star, and the first character it does not cover yet. */
    let star = -1;
    let uncovered = 0;
    while (at < text.length) {
      const wanted = pattern[inPattern];
      if (wanted === "*") {
        star = inPattern;
        uncovered = at;
        inPattern += 1;
      } else if (wanted === "?" || (wanted !== undefined && wanted === text[at])) {
        inPattern += 1;
        at += 1;
      } else if (star !== -1) {
        uncovered += 1;
        at = uncovered;
        inPattern = star + 1;
      } else {
        return false;
      }
    }
    while (pattern[inPattern] === "*") inPattern += 1;
    return inPattern === pattern.length;
  };
}

/** A test as IAM's ArnLike does it: wildcards match inside one of the six parts of an ARN, never across its colons. */
export function arnLike(pattern: string): (arn: string) => boolean {
  const parts = sixParts(pattern).map(wildcard);
  return (arn) => {
    const given = sixParts(arn);
    return parts.every((matches, index) => matches(given[index] ?? ""));
  };
}

function sixParts(arn: string): string[] {
  const parts = arn.split(":");
  return [...Array.from({ length: 5 }, (_, index) => parts[index] ?? ""), parts.slice(5).join(":")];
}
