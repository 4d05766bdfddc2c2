import type { DeployedRoute } from "./account.ts";

export interface RouteMatch {
  readonly route: DeployedRoute;
  /** Decoded values by the names in the route key. */
  readonly pathParameters: Readonly<Record<string, string>>;
  /** `POST /inference`, or `$default`: what an execute-api ARN says after the stage. */
  readonly arnTail: string;
}

interface Candidate extends RouteMatch {
  readonly rank: readonly number[];
}

// Per path segment, the more specific the smaller; a route for one method comes before ANY on the same path [aws 5.9].
const LITERAL = 0;
const PARAMETER = 1;
const GREEDY = 2;
const DEFAULT_ROUTE = 3;

/** The route that serves a method and a percent-encoded path (without the stage), or undefined. */
export function matchRoute(routes: readonly DeployedRoute[], method: string, path: string): RouteMatch | undefined {
  const segments = segmentsOf(path);
  const candidates = routes.map((route) => candidateOf(route, method, segments)).filter((found) => found !== undefined);
  return candidates.sort((a, b) => compareRanks(a.rank, b.rank))[0];
}

/** A percent-encoded text decoded; as it is when it is not well-formed. */
export function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function segmentsOf(path: string): string[] {
  return path.split("/").slice(1).map(decoded);
}

function candidateOf(route: DeployedRoute, method: string, segments: readonly string[]): Candidate | undefined {
  if (route.routeKey === "$default") {
    return { route, pathParameters: {}, arnTail: "$default", rank: [DEFAULT_ROUTE] };
  }
  const [routeMethod = "", routePath = ""] = route.routeKey.split(" ");
  if (routeMethod !== "ANY" && routeMethod !== method) {
    return undefined;
  }
  const matched = matchPath(routePath.split("/").slice(1), segments);
  if (matched === undefined) {
    return undefined;
  }
  const rank = [...matched.rank, routeMethod === "ANY" ? 1 : 0];
  return { route, pathParameters: matched.pathParameters, arnTail: `${method}${routePath}`, rank };
}

function matchPath(
  template: readonly string[],
  segments: readonly string[],
): { pathParameters: Record<string, string>; rank: number[] } | undefined {
  const pathParameters: Record<string, string> = {};
  const rank: number[] = [];
  for (const [index, part] of template.entries()) {
    const segment = segments[index];
    if (segment === undefined) {
      return undefined;
    }
    const [, name, greedy] = /^\{([^+}]+)(\+?)\}$/.exec(part) ?? [];
    if (name === undefined) {
      if (part !== segment) {
        return undefined;
      }
      rank.push(LITERAL);
    } else if (segment === "") {
      return undefined;
    } else if (greedy === "+") {
      pathParameters[name] = segments.slice(index).join("/");
      return { pathParameters, rank: [...rank, GREEDY] };
    } else {
      pathParameters[name] = segment;
      rank.push(PARAMETER);
    }
  }
  return template.length === segments.length ? { pathParameters, rank } : undefined;
}

function compareRanks(a: readonly number[], b: readonly number[]): number {
  const length = Math.max(a.length, b.length);
  for (let index = 0; index < length; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0);
    if (difference !== 0) {
      return difference;
    }
  }
  return 0;
}
