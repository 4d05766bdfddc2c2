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

/**
 * The function an integration URI names: its plain ARN, or API Gateway's invoke URI around it [aws 6]. The ARN may end
 * in a version or an alias.
 */
export function functionArnOf(integrationUri: string): string | undefined {
  const invokeUri = /^arn:aws[a-z-]*:apigateway:[a-z0-9-]+:lambda:path\/2015-03-31\/functions\/(.+)\/invocations$/;
  const arn = invokeUri.exec(integrationUri)?.[1] ?? integrationUri;
  return FUNCTION_ARN.test(arn) ? arn : undefined;
}

const FUNCTION_ARN =
  /^arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[a-zA-Z0-9-_]{1,64}(:(\$LATEST|[a-zA-Z0-9-_]{1,128}))?$/;
