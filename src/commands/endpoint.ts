// The gateway's URLs, and a line that a user can paste to call one.
import type { Gateway } from "../config.ts";
import { quote } from "./command-lines.ts";
import type { RunResult } from "./result.ts";

export interface RouteUrl {
  readonly routeKey: string;
  readonly method: string;
  readonly url: string;
  readonly auth: Gateway["auth"];
}

/** Routes that take a prompt, the likeliest first. */
const FOR_PROMPTS = [/^(POST|ANY) [^{]*$/, /^\$default$/, /^(POST|ANY) /, /^(?!GET |HEAD )/];

/** The one of several routes that is asked with a prompt; undefined when none takes a body. */
export function promptRoute(routeKeys: readonly string[]): string | undefined {
  return FOR_PROMPTS.flatMap((kind) => routeKeys.filter((key) => kind.test(key)))[0];
}

/** `{name}`, or `{name+}` for all that follows. */
const PATH_VARIABLE = /\{([^+}]+)\+?\}/g;

interface RouteRequest {
  readonly method: string;
  readonly path: string;
  /** The names in the route's path. */
  readonly variables: readonly string[];
}

/** The request that calls a route; the names of its path's variables stand for their values. */
export function requestOf(routeKey: string): RouteRequest {
  const [method = "ANY", path = "/"] = routeKey === "$default" ? [] : routeKey.split(" ", 2);
  return {
    method: method === "ANY" ? "POST" : method,
    path: path.replaceAll(PATH_VARIABLE, "$1"),
    variables: [...path.matchAll(PATH_VARIABLE)].flatMap(([, name]) => name ?? []),
  };
}

/** Whether requests of a method have a body. */
export function takesBody(method: string): boolean {
  return method !== "GET" && method !== "HEAD";
}

/** The URL of every route, that for prompts first. `apiEndpoint` is what AWS returned; a named stage is the first part of the path. */
export function routeUrls({ routes, stage, auth }: Gateway, apiEndpoint: string): RouteUrl[] {
  const main = promptRoute(routes);
  return routes
    .toSorted((a, b) => Number(b === main) - Number(a === main))
    .map((routeKey) => {
      const { method, path } = requestOf(routeKey);
      return { routeKey, method, url: `${apiEndpoint}/${stage}${path}`, auth };
    });
}

/** What OpenAI's clients take as base URL, where one of the routes is theirs. */
export function openaiBaseUrl(urls: readonly RouteUrl[]): string | undefined {
  const chat = urls.find(({ routeKey }) => routeKey === "POST /v1/chat/completions");
  return chat?.url.replace(/\/chat\/completions$/, "");
}

/** Endpoint and routes as results report them. */
export function served(urls: readonly RouteUrl[]): Pick<RunResult, "endpoint" | "routes"> {
  const routes = urls.map(({ routeKey, url, auth }) => ({ routeKey, url, auth }));
  return { endpoint: urls[0]?.url ?? null, routes };
}

interface Signing {
  readonly region: string;
  readonly profile: string | undefined;
  /** Given only for the local AWS, whose key is no secret. */
  readonly user: string | undefined;
  readonly hasSessionToken: boolean;
  readonly areInEnvironment: boolean;
}

/** A `curl` that works for the route's auth; for `iam` it signs, with credentials that never stand in the line. */
export function curlLine({ method, url, auth }: RouteUrl, signing: Signing): string {
  const body = takesBody(method) ? ` -H 'content-type: application/json' -d '{"prompt":"Hello"}'` : "";
  const request = `${method === "HEAD" ? "--head" : `-X ${method}`} ${quote(url)}${body}`;
  if (auth === "none") return `curl -sS ${request}`;
  const sign = `--aws-sigv4 ${quote(`aws:amz:${signing.region}:execute-api`)}`;
  if (signing.user !== undefined) return `curl -sS ${sign} --user ${quote(signing.user)} ${request}`;
  const user = '--user "$AWS_ACCESS_KEY_ID:$AWS_SECRET_ACCESS_KEY"';
  const token = signing.hasSessionToken ? ' -H "x-amz-security-token: $AWS_SESSION_TOKEN"' : "";
  const line = `curl -sS ${sign} ${user}${token} ${request}`;
  if (signing.areInEnvironment) return line;
  const profile = signing.profile === undefined ? "" : ` --profile ${quote(signing.profile)}`;
  return `eval "$(aws configure export-credentials${profile} --format env)" && ${line}`;
}
