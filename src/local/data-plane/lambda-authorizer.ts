import { randomUUID } from "node:crypto";
import { functionArnOf } from "../arn.ts";
import { BoundedMap } from "../bounded-map.ts";
import type { Invoker } from "../metered-runtime.ts";
import type { RequestAuthorizer } from "../store/apigatewayv2.ts";
import { type Authorization, forbidden } from "./authorization.ts";
import { type Decision, decisionOf } from "./authorizer-decision.ts";
import { authorizerEvent } from "./authorizer-event.ts";
import { executeApiArn, type RoutedExchange } from "./exchange.ts";
import { gatewayMessage, internalError } from "./gateway-message.ts";
import { mayCall } from "./gateway-permission.ts";
import { identityValue } from "./identity-source.ts";
import { within } from "./within.ts";

/** [aws 5.4] */
const TIMEOUT_MS = 10_000;
const MAX_DECISIONS = 10_000;

// [AWS re:Post knowledge center: api-gateway-http-lambda-integrations]; the other errors are worded unconfirmed.
const NOT_PERMITTED =
  "The IAM role configured on the authorizer or API Gateway doesn't have permissions to call the authorizer. Check the permissions and try again.";

/** Lambda authorizers of type REQUEST: a function decides, and its decision is kept for a while [aws 5.8]. */
export class LambdaAuthorization {
  readonly #runtime: Invoker;
  readonly #decisions = new BoundedMap<string, { readonly decision: Decision; readonly madeAt: number }>(MAX_DECISIONS);

  constructor(runtime: Invoker) {
    this.#runtime = runtime;
  }

  async authorize(exchange: RoutedExchange, authorizer: RequestAuthorizer): Promise<Authorization> {
    const values = authorizer.identitySource.map((source) => identityValue(exchange, source));
    const identity = values.filter((value) => value !== undefined);
    if (identity.length < values.length) {
      // The function is not even asked [aws 5.8].
      const response = gatewayMessage(401, "Unauthorized");
      return { allowed: false, response, error: "The request lacks an identity source." };
    }
    const { apiId, stage } = exchange;
    const isKept = authorizer.resultTtlInSeconds > 0 && identity.length > 0;
    // Without the route in it: one decision counts for every route, unless `$context.routeKey` is an identity source.
    const key = JSON.stringify([apiId, stage.stageName, authorizer.authorizerId, ...identity]);
    const kept = isKept ? this.#kept(key, exchange, authorizer) : undefined;
    const decision = kept ?? (await this.#decide(exchange, authorizer, identity));
    if (typeof decision === "string") {
      return { allowed: false, response: internalError(), error: decision };
    }
    if (isKept && kept === undefined) {
      this.#decisions.set(key, { decision, madeAt: Date.now() });
    }
    if (!decision.allows(routeArn(exchange))) {
      return forbidden("The authorizer denied the request.");
    }
    const { principalId, context } = decision;
    return { allowed: true, caller: { kind: "lambda", principalId, context } };
  }

  #kept(key: string, { cacheResetAt }: RoutedExchange, authorizer: RequestAuthorizer): Decision | undefined {
    const kept = this.#decisions.get(key);
    if (kept === undefined || kept.madeAt < cacheResetAt) {
      return undefined;
    }
    return Date.now() < kept.madeAt + authorizer.resultTtlInSeconds * 1000 ? kept.decision : undefined;
  }

  /** The function's decision, or why there is none. */
  async #decide(
    exchange: RoutedExchange,
    authorizer: RequestAuthorizer,
    identity: readonly string[],
  ): Promise<Decision | string> {
    const { account } = exchange;
    const fn = account.function(functionArnOf(authorizer.authorizerUri) ?? "");
    if (fn !== undefined && !mayCall(exchange, fn, `authorizers/${authorizer.authorizerId}`)) {
      return NOT_PERMITTED;
    }
    if (fn?.version === undefined) {
      return "The authorizer's function does not exist or is not active.";
    }
    const event = authorizerEvent(exchange, authorizer, identity, routeArn(exchange));
    const called = this.#runtime.invoke(fn.version, Buffer.from(JSON.stringify(event)), randomUUID()).then(
      ({ functionError, payload }) =>
        functionError === undefined
          ? (decisionOf(payload, authorizer) ?? "The authorizer's response is in no format API Gateway knows.")
          : "The authorizer's function failed.",
      () => "The authorizer's function could not be called.",
    );
    return within<Decision | string>(TIMEOUT_MS, called, "The authorizer timed out.");
  }
}

/** What a policy is asked about: the path of the request, not that of its route [APIGWDG http-api-lambda-authorizer, routeArn]. */
function routeArn(exchange: RoutedExchange): string {
  const { stage, request, path } = exchange;
  const prefix = stage.stageName === "$default" ? 0 : stage.stageName.length + 1;
  return executeApiArn(exchange, `${stage.stageName}/${request.method}${path.slice(prefix) || "/"}`);
}
