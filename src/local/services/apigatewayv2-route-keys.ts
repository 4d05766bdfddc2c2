import { badRequest } from "./apigatewayv2-model.ts";

const METHOD_AND_PATH = /^(ANY|GET|POST|PUT|PATCH|DELETE|HEAD|OPTIONS) (\/.*)$/;
/**
 * A path's own characters [RFC 3986]; which of them AWS takes is unconfirmed. None that are percent-encoded: routes are
 * compared with the decoded path.
 */
const LITERAL = /^[\w.~:@!$&'()*+,;=-]+$/;
const PARAMETER = /^\{([\w.-]+)(\+?)\}$/;

/**
 * Refuses what is no route key of an HTTP API with BadRequestException: `$default`, or a method in capitals and a path
 * whose segments are literal or one whole parameter. A parameter's name comes once, a greedy one last. That AWS has
 * this one text for all of it is unconfirmed; it is known for methods and paths without a slash.
 */
export function checkRouteKey(routeKey: string): void {
  if (routeKey === "$default") return;
  const segments = METHOD_AND_PATH.exec(routeKey)?.[2]?.slice(1).split("/");
  if (segments !== undefined && (segments.join() === "" || areSegments(segments))) return;
  throw badRequest(
    'The provided route key is not formatted properly for HTTP protocol. Format should be "[HTTP METHOD] /[RESOURCE PATH]" or "$default"',
  );
}

/** What two keys of one API may not share: they differ in more than the names of their parameters (unconfirmed). */
export function routeKeyShape(routeKey: string): string {
  return routeKey.replace(/\{[^{}+]+(\+?)\}/g, "{$1}");
}

function areSegments(segments: readonly string[]): boolean {
  const names = new Set<string>();
  return segments.every((segment, index) => {
    const [, name, greedy] = PARAMETER.exec(segment) ?? [];
    if (name === undefined) return LITERAL.test(segment);
    const isNew = !names.has(name);
    names.add(name);
    return isNew && (greedy === "" || index === segments.length - 1);
  });
}
