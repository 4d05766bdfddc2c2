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
