/** A test for texts that match an IAM pattern: `*` is any text, `?` any one character. */
export function wildcard(pattern: string): (text: string) => boolean {
  if (pattern === "*") return () => true;
  const source = pattern.replace(/[.*+?^${}()|[\]\\]/g, (char) =>
    char === "*" ? ".*" : char === "?" ? "." : `\\${char}`,
  );
  const expression = new RegExp(`^${source}$`, "s");
  return (text) => expression.test(text);
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
