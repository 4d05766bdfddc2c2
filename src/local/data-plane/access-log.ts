import type { AccessLogSettings } from "../store/apigatewayv2.ts";
import { contextVariable } from "./context-variables.ts";
import type { Exchange } from "./exchange.ts";
import type { Answer } from "./gateway-message.ts";

/** A format taken apart: texts as they are, and the names of variables between them. */
type Template = readonly (string | { readonly variable: string })[];

/** Names of claims have colons and hyphens in them (`cognito:groups`), other variables have not. */
const VARIABLE = /\$context\.(authorizer\.claims\.[\w:-]+|\w+(?:\.\w+)*)/g;

/** The settings of a stage are replaced, never changed in place. */
const templates = new WeakMap<AccessLogSettings, Template>();

/**
 * Writes the access log's line about a request, if its stage has one [aws 5.7]. A variable without a value is a hyphen.
 * How AWS names the log streams is unconfirmed.
 */
export function logAccess(exchange: Exchange, response: Answer): void {
  const { account, apiId, stage } = exchange;
  const settings = stage.accessLogSettings;
  if (settings === undefined) {
    return;
  }
  const line = templateOf(settings).map((part) =>
    typeof part === "string" ? part : contextVariable(part.variable, { exchange, response }) || "-",
  );
  account.log(settings.destinationArn, `${apiId}/${stage.stageName}`, line.join(""));
}

function templateOf(settings: AccessLogSettings): Template {
  const known = templates.get(settings);
  if (known !== undefined) {
    return known;
  }
  // Every second part is what the parentheses of the expression took.
  const template = settings.format.split(VARIABLE).map((part, index) => (index % 2 === 0 ? part : { variable: part }));
  templates.set(settings, template);
  return template;
}
