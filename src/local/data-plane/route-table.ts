interface RouteLike {
  readonly routeKey: string;
}

export interface RouteMatch<Route extends RouteLike> {
  readonly route: Route;
  /** Decoded values by the names in the route key. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

interface Template<Route> {
  readonly route: Route;
  /** `ANY` takes every method. */
  readonly method: string;
  readonly parts: readonly Part[];
  readonly rank: readonly number[];
}

type Part =
  | { readonly kind: "literal"; readonly text: string }
  | { readonly kind: "parameter" | "greedy"; readonly name: string };

// Per path segment, the more specific the smaller; a route for one method comes before ANY on the same path [aws 5.9].
const RANK = { literal: 0, parameter: 1, greedy: 2 };
const NO_PARAMETERS = {};

/** The routes of one deployment, sorted once so that the first that matches a request is the right one. */
export class RouteTable<Route extends RouteLike> {
  /** Routes without parameters, by `METHOD /path`: most requests go to one. */
  readonly #literal = new Map<string, Route>();
  readonly #templates: readonly Template<Route>[];
  readonly #default: Route | undefined;

  constructor(routes: readonly Route[]) {
    const templates = routes.filter(({ routeKey }) => routeKey !== "$default").map(templateOf);
    for (const { route, parts } of templates) {
      if (parts.every(({ kind }) => kind === "literal")) {
        this.#literal.set(route.routeKey, route);
      }
    }
    this.#templates = templates.sort((a, b) => compareRanks(a.rank, b.rank));
    this.#default = routes.find(({ routeKey }) => routeKey === "$default");
  }

  /** The route that serves a method and a percent-encoded path (without the stage), or undefined. */
  match(method: string, path: string): RouteMatch<Route> | undefined {
    const literal = path.includes("%") ? undefined : this.#literalRoute(method, path);
    if (literal !== undefined) {
      return { route: literal, pathParameters: NO_PARAMETERS };
    }
    const segments = path.split("/").slice(1).map(decoded);
    for (const { route, method: wanted, parts } of this.#templates) {
      const pathParameters = wanted === method || wanted === "ANY" ? matchPath(parts, segments) : undefined;
      if (pathParameters !== undefined) {
        return { route, pathParameters };
      }
    }
    return this.#default && { route: this.#default, pathParameters: NO_PARAMETERS };
  }

  #literalRoute(method: string, path: string): Route | undefined {
    return this.#literal.get(`${method} ${path}`) ?? this.#literal.get(`ANY ${path}`);
  }
}

/** A percent-encoded text decoded; as it is when it is not well-formed. */
export function decoded(text: string): string {
  if (!text.includes("%")) {
    return text;
  }
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function templateOf<Route extends RouteLike>(route: Route): Template<Route> {
  const [method = "", path = ""] = route.routeKey.split(" ");
  const parts = path.split("/").slice(1).map(partOf);
  return { route, method, parts, rank: [...parts.map(({ kind }) => RANK[kind]), method === "ANY" ? 1 : 0] };
}

function partOf(text: string): Part {
  const [, name, plus] = /^\{([^+}]+)(\+?)\}$/.exec(text) ?? [];
  return name === undefined ? { kind: "literal", text } : { kind: plus === "+" ? "greedy" : "parameter", name };
}

/** The values of the parameters; undefined when the path does not fit. No parameter takes an empty segment. */
function matchPath(parts: readonly Part[], segments: readonly string[]): Record<string, string> | undefined {
  // Without a prototype: a parameter may be called "__proto__".
  const values: Record<string, string> = Object.create(null);
  for (const [index, part] of parts.entries()) {
    const segment = segments[index];
    if (segment === undefined) {
      return undefined;
    }
    if (part.kind === "literal") {
      if (part.text !== segment) return undefined;
    } else if (segment === "") {
      return undefined;
    } else if (part.kind === "greedy") {
      values[part.name] = segments.slice(index).join("/");
      return values;
    } else {
      values[part.name] = segment;
    }
  }
  return parts.length === segments.length ? values : undefined;
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
