import { CODE_TAG } from "../aws/names.ts";
import type { Plan } from "../aws/plan.ts";
import { unansweredRoutes } from "../config/builtin.ts";
import { keysInClearText } from "../config/clear-text.ts";
import { DEFAULT_TIMEOUT } from "../config/schema.ts";
import { builtinPart } from "../config/source.ts";
import type { Gateway } from "../config.ts";
import { member } from "../json.ts";

/** Seconds API Gateway waits for a function at most; no setting changes that [aws 5.4]. */
const GATEWAY_LIMIT = 30;

/** What about a plan may surprise whoever made it. Each is said when it comes into effect, not with every deploy. */
export function planWarnings({ steps }: Plan, gateway: Gateway): string[] {
  const { timeout, source } = gateway.function;
  const step = steps.find(({ node }) => node.kind.type === "lambda.function");
  const sets = (path: string) => step?.action === "created" || step?.changes.some((change) => change.path === path);
  const unanswered = source.kind === "builtin" ? unansweredRoutes(gateway.routes) : [];
  const newRoutes = steps.some(({ node, action }) => action === "created" && unanswered.includes(node.name));
  const warnings: string[] = [];
  if (timeout > GATEWAY_LIMIT && timeout !== DEFAULT_TIMEOUT && sets("timeout")) {
    warnings.push(
      `the function may run for ${timeout} s, but API Gateway gives up after ${GATEWAY_LIMIT} s; for longer answers: llm-gw invoke --via lambda`,
    );
  }
  if (
    source.kind === "builtin" &&
    step?.changes.some(({ path, from }) => path === `tags.${CODE_TAG}` && (from === "code" || from === "builtin-copy"))
  ) {
    warnings.push(
      'no code is given, so the function goes back to the built-in one; to keep yours, give --code again or put "code" into llm-gw.json',
    );
  }
  const readable = sets("code") ? keysInClearText(builtinPart(source)?.models ?? {}) : [];
  for (const url of readable) {
    warnings.push(`the key of ${url} goes over the internet unencrypted; use https`);
  }
  const opens = steps.some(
    ({ node, live }) => node.kind.type === "apigatewayv2.route" && member(live, "authorizationType") !== "NONE",
  );
  // Nobody else reaches the local AWS.
  if (gateway.auth === "none" && opens && !gateway.local) {
    warnings.push(
      `auth is none: everybody who knows the URL may call, at your expense; all that limits it is the throttle, ${gateway.throttle.rate} requests a second`,
    );
  }
  if (newRoutes) warnings.push(`the built-in function answers 404 on ${unanswered.join(", ")}`);
  return warnings;
}
