import type { Invoker } from "../metered-runtime.ts";
import type { RouteAccess } from "./deployed-routes.ts";
import type { Caller, RoutedExchange } from "./exchange.ts";
import { type Answer, gatewayMessage, internalError } from "./gateway-message.ts";
import { authorizeIam } from "./iam.ts";
import { JwtAuthorization } from "./jwt.ts";
import { LambdaAuthorization } from "./lambda-authorizer.ts";

export type Authorization =
  /** Without a caller everybody may come in. */
  | { readonly allowed: true; readonly caller?: Caller }
  /** `error` is for the access log, never for the client. */
  | { readonly allowed: false; readonly response: Answer; readonly error?: string };

export const forbidden = (error: string): Authorization => ({
  allowed: false,
  response: gatewayMessage(403, "Forbidden"),
  error,
});

/** Lets requests in, or not, as their routes want it. */
export class Authorizers {
  readonly #jwt = new JwtAuthorization();
  readonly #lambda: LambdaAuthorization;

  constructor(runtime: Invoker) {
    this.#lambda = new LambdaAuthorization(runtime);
  }

  async authorize(exchange: RoutedExchange, access: RouteAccess): Promise<Authorization> {
    switch (access.type) {
      case "NONE":
        return { allowed: true };
      case "AWS_IAM":
        return authorizeIam(exchange);
      case "JWT":
        return this.#jwt.authorize(exchange, access.authorizer, access.scopes);
      case "CUSTOM":
        return this.#lambda.authorize(exchange, access.authorizer);
      case "BROKEN":
        return { allowed: false, response: internalError(), error: "The route's authorizer does not exist." };
    }
  }
}
