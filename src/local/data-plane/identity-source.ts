import { contextVariable } from "./context-variables.ts";
import type { Exchange } from "./exchange.ts";

/**
 * The value an identity source selects from a request [APIGWDG http-api-lambda-authorizer, identity sources]; undefined
 * when the request has none, or an empty one.
 */
export function identityValue(exchange: Exchange, source: string): string | undefined {
  const [, kind, name = ""] =
    /^\$(request\.header|request\.querystring|context|stageVariables)\.(.+)$/.exec(source) ?? [];
  return selected(exchange, kind, name) || undefined;
}

function selected(exchange: Exchange, kind: string | undefined, name: string): string | null | undefined {
  switch (kind) {
    case "request.header":
      return exchange.request.headers[name.toLowerCase()];
    case "request.querystring":
      return new URLSearchParams(exchange.request.query).get(name);
    case "context":
      return contextVariable(name, { exchange });
    case "stageVariables":
      return exchange.stage.stageVariables.get(name);
    default:
      return undefined;
  }
}
