// The gateway's URLs, and lines that a user can paste to call them.

import type { Flags } from "../config/settings.ts";
import type { Gateway } from "../config.ts";
import type { Io } from "../io.ts";
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
export const PATH_VARIABLE = /\{([^+}]+)\+?\}/g;

/** The method and the path that call a route; the names of its path's variables stand for their values. */
export function requestOf(routeKey: string): { readonly method: string; readonly path: string } {
  const [method = "ANY", path = "/"] = routeKey === "$default" ? [] : routeKey.split(" ", 2);
  return { method: method === "ANY" ? "POST" : method, path };
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

/** `llm-gw invoke` for this gateway. */
export function invokeLine(flags: Flags, io: Pick<Io, "env">): string {
  return gatewayLine("invoke", '--prompt "Hello"', flags, io);
}

/** `llm-gw` as the user runs it, with a command and the flags, and the variable, that make it find this gateway. */
export function gatewayLine(command: string, rest: string, flags: Flags, { env }: Pick<Io, "env">): string {
  const named = ["name", "stage", "region", "profile", "config"].flatMap((flag) => {
    const value = flags[flag];
    return typeof value === "string" ? [`--${flag}`, quote(value)] : [];
  });
  const local = flags.local === true ? ["--local"] : [];
  const program = programLine(flags.local === true, env);
  return [program, command, ...named, ...local, ...(rest === "" ? [] : [rest])].join(" ");
}

/** `llm-gw` as the user runs it, where `usesPort` with the variable that leads to the local AWS. */
function programLine(usesPort: boolean, env: Io["env"]): string {
  const { LLM_GW_LOCAL_PORT: localPort } = env;
  const port = usesPort && localPort ? `LLM_GW_LOCAL_PORT=${localPort} ` : "";
  return `${port}${env.npm_command === "exec" ? "npx llm-gw" : "llm-gw"}`;
}

/** Commands as hints are written. The rest names its port itself, or needs none. */
const OF_GATEWAY = /\bllm-gw (deploy|destroy|invoke|logs|status)\b( --local\b)?/g;
const OF_ACCOUNT = /\bllm-gw list --region (\S+)/g;
const OF_LOCAL_AWS = /\bllm-gw local stop\b(?! --port)/g;
const OTHERS = /(?<!npx )\bllm-gw (?=(completion|dev|doctor|init|local|--help)\b)/g;

/** A hint whose commands, written like `llm-gw logs`, run as this one did, and find this gateway and the local AWS. */
export function addressed(hint: string, flags: Flags, io: Pick<Io, "env">): string {
  const ofGateway = (_all: string, command: string, local: string | undefined) =>
    gatewayLine(command, "", local === undefined ? flags : { ...flags, local: true }, io);
  const { profile, local } = flags;
  return hint
    .replaceAll(OF_GATEWAY, ofGateway)
    .replaceAll(OF_ACCOUNT, (_all, region: string) => gatewayLine("list", "", { region, profile, local }, io))
    .replaceAll(OF_LOCAL_AWS, () => `${programLine(true, io.env)} local stop`)
    .replaceAll(OTHERS, () => `${programLine(false, io.env)} `);
}

/** Says of a gateway that is not there how to see those that are. */
export function absentLine({ name, stage, region }: Gateway, flags: Flags, io: Pick<Io, "env">): string {
  return `${name}-${stage} is not in ${region}; to see what is: ${addressed(`llm-gw list --region ${region}`, flags, io)}`;
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
  // To curl, braces are a set of URLs, and it signs a + as it is.
  const called = url.replaceAll(PATH_VARIABLE, "$1");
  const request = `${method === "HEAD" ? "--head" : `-X ${method}`} ${quote(called)}${body}`;
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

/** Quoted for a POSIX shell where it has to be. */
function quote(text: string): string {
  return /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
